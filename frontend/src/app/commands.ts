import { push } from 'svelte-spa-router';
import type { Keys } from '../lib/keys';
import { m } from '../lib/paraglide/messages';
import { actions } from '../state/actions.svelte';
import type { Density, Theme } from '../state/appearance.svelte';
import { dialogs } from '../state/dialogs.svelte';
import { session, type Role } from '../state/session.svelte';
import { prefer } from './prefer';
import { screens } from './routes';

export type Group = 'go' | 'move' | 'filter' | 'view' | 'do';

/** Everything that can be done, once: palette, shortcuts, menus and help are made from this. */
export interface Command {
  id: string;
  label: () => string;
  group: Group;
  keys?: Keys | readonly Keys[];
  role?: Role;
  /** Left out where a feature offers the handler (state/actions). */
  run?: () => void;
  /** Not worth a line in the palette, such as moving by one. */
  keysOnly?: boolean;
}

function theme(value: Theme, label: () => string): Command {
  return {
    id: `theme.${value}`,
    label,
    group: 'view',
    run: () => prefer({ theme: value }),
  };
}

function density(value: Density, label: () => string): Command {
  return { id: `density.${value}`, label, group: 'view', run: () => prefer({ density: value }) };
}

function own(id: string, group: Group, label: () => string, keys: Keys | readonly Keys[], keysOnly = false): Command {
  return { id, group, label, keys, keysOnly };
}

const all: readonly Command[] = [
  ...screens.map((screen): Command => ({
    id: `go.${screen.id}`,
    label: () => m.app_go_to({ screen: screen.title() }),
    group: 'go',
    keys: screen.keys,
    role: screen.offered ?? screen.role,
    run: () => void push(screen.path),
  })),
  own('palette', 'do', m.app_palette, '$mod+k', true),
  own('help', 'do', m.app_shortcuts, '?'),
  { id: 'record', label: m.app_record, group: 'do', keys: 'r', role: 'write', run: () => dialogs.open('record') },
  { id: 'signout', label: m.app_sign_out, group: 'do', run: () => void session.signOut().catch(() => undefined) },

  own('list.next', 'move', m.timeline_key_next, ['j', 'ArrowDown'], true),
  own('list.previous', 'move', m.timeline_key_previous, ['k', 'ArrowUp'], true),
  own('list.pageDown', 'move', m.timeline_key_page_down, 'PageDown', true),
  own('list.pageUp', 'move', m.timeline_key_page_up, 'PageUp', true),
  own('list.newest', 'move', m.timeline_key_newest, ['g g', 'Home']),
  own('list.oldest', 'move', m.timeline_key_oldest, ['G', 'End']),
  own('list.dayOlder', 'move', m.timeline_key_day_older, ']', true),
  own('list.dayNewer', 'move', m.timeline_key_day_newer, '[', true),
  own('list.hourOlder', 'move', m.timeline_key_hour_older, '}', true),
  own('list.hourNewer', 'move', m.timeline_key_hour_newer, '{', true),
  own('list.failureNext', 'move', m.timeline_key_failure_next, 'n', true),
  own('list.failurePrevious', 'move', m.timeline_key_failure_previous, 'N', true),
  own('list.open', 'move', m.timeline_key_open, 'Enter', true),
  own('list.expand', 'move', m.timeline_key_expand, ['x', 'Space'], true),
  own('list.expandAll', 'move', m.timeline_key_expand_all, 'X'),
  own('list.back', 'move', m.timeline_key_back, 'Escape', true),

  own('query.focus', 'filter', m.timeline_key_query, '/'),
  own('filter.actor', 'filter', m.timeline_key_only_actor, 'f', true),
  own('filter.notActor', 'filter', m.timeline_key_without_actor, 'F', true),
  own('filter.type', 'filter', m.timeline_key_only_type, 'a', true),
  own('filter.notType', 'filter', m.timeline_key_without_type, 'A', true),
  own('filter.hideOwn', 'filter', m.timeline_hide_own, 'h'),
  own('filter.clear', 'filter', m.timeline_clear, 'Backspace'),

  own('list.date', 'view', m.timeline_key_date, 't'),
  own('list.timeForm', 'view', m.timeline_key_time_form, 'z'),
  own('list.pause', 'view', m.timeline_pause, 'l'),
  own('list.copyLink', 'do', m.timeline_copy_link, 'c'),
  own('list.export', 'do', m.timeline_export, 'e'),
  own('view.save', 'do', m.views_save_as, 's'),
  { id: 'views', label: m.views_manage, group: 'do', role: 'view', run: () => dialogs.open('views') },

  theme('auto', m.app_theme_auto),
  theme('light', m.app_theme_light),
  theme('dark', m.app_theme_dark),
  density('compact', m.app_density_compact),
  density('comfortable', m.app_density_comfortable),
  density('airy', m.app_density_airy),
  {
    id: 'language.en',
    label: () => 'Language: English',
    group: 'view',
    run: () => prefer({ language: 'en' }),
  },
  {
    id: 'language.de',
    label: () => 'Sprache: Deutsch',
    group: 'view',
    run: () => prefer({ language: 'de' }),
  },
];

/** What a command does now, undefined while it can do nothing. */
export function runOf(command: Command): (() => void) | undefined {
  if (command.role && !session.is(command.role)) return undefined;
  return actions.find(command.id) ?? command.run;
}

/** The commands that can do something now. */
export function available(): readonly Command[] {
  return all.filter((command) => runOf(command) !== undefined);
}

/** The shortcuts of a command. */
export function keysOf(command: Command): readonly Keys[] {
  if (command.keys === undefined) return [];
  return typeof command.keys === 'string' ? [command.keys] : command.keys;
}
