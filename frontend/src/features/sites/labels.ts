import { m } from '../../lib/paraglide/messages';
import { kinds, levels, type Level } from './sites.svelte';

const kindLabels: Record<string, () => string> = {
  website: m.sites_kind_website,
  mobileapp: m.sites_kind_mobileapp,
  intranet: m.sites_kind_intranet,
  server: m.sites_kind_server,
  other: m.sites_kind_other,
};

/** What a kind of site is called. */
export function kindOf(kind: string): string {
  return kindLabels[kind]?.() ?? kind;
}

export function kindOptions(): { value: string; label: string }[] {
  return kinds.map((kind) => ({ value: kind, label: kindOf(kind) }));
}

const levelLabels: Record<Level, () => string> = {
  none: m.sites_level_none,
  view: m.sites_level_view,
  write: m.sites_level_write,
  admin: m.sites_level_admin,
};

export function levelOf(level: string): string {
  return levelLabels[level as Level]?.() ?? level;
}

export function levelOptions(): { value: Level; label: string }[] {
  return levels.map((level) => ({ value: level, label: levelOf(level) }));
}
