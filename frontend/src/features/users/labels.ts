import type { User } from '../../host';
import { m } from '../../lib/paraglide/messages';
import type { Tone } from '../../ui/tones';
import { levels, type Level } from './users.svelte';

const roles: Record<string, { label: () => string; tone: Tone | 'neutral' }> = {
  none: { label: m.app_role_none, tone: 'neutral' },
  view: { label: m.app_role_view, tone: 'update' },
  write: { label: m.app_role_write, tone: 'create' },
  admin: { label: m.app_role_admin, tone: 'system' },
  super: { label: m.app_role_super, tone: 'access' },
};

/** How a user's role is called and coloured. */
export function roleOf(user: User): { label: string; tone: Tone | 'neutral' } {
  const role = roles[user.role];
  return { label: role?.label() ?? user.role, tone: role?.tone ?? 'neutral' };
}

const meanings: Record<Level, () => string> = {
  none: m.users_level_none,
  view: m.users_level_view,
  write: m.users_level_write,
  admin: m.users_level_admin,
};

/** What a level allows, as one sentence. */
export function meaningOf(level: Level): string {
  return meanings[level]();
}

/** The levels to choose from. */
export function levelOptions(): { value: Level; label: string }[] {
  return levels.map((level) => ({ value: level, label: roles[level]?.label() ?? level }));
}
