import AppWindow from '@lucide/svelte/icons/app-window';
import CalendarClock from '@lucide/svelte/icons/calendar-clock';
import KeyRound from '@lucide/svelte/icons/key-round';
import Activity from '@lucide/svelte/icons/list-tree';
import Settings from '@lucide/svelte/icons/settings';
import Blocks from '@lucide/svelte/icons/blocks';
import ShieldCheck from '@lucide/svelte/icons/shield-check';
import Upload from '@lucide/svelte/icons/upload';
import UserRound from '@lucide/svelte/icons/user-round';
import Users from '@lucide/svelte/icons/users-round';
import type { Component } from 'svelte';
import { session, type Role } from '../state/session.svelte';
import { m } from '../lib/paraglide/messages';

type Loader = () => Promise<{ default: Component }>;

export interface Screen {
  id: string;
  /** Where it is, after the #. */
  path: string;
  title: () => string;
  icon: Component;
  /** The least role that may see it. */
  role: Role;
  /** The least role that is offered it, where that is another one. */
  offered?: Role;
  /** Shortcut, as in commands.ts. */
  keys: string;
  load: Loader;
}

const timeline: Loader = () => import('../features/timeline/TimelineScreen.svelte');

/** Every screen, once: the side bar, the palette and the shortcuts are made from this. */
export const screens: readonly Screen[] = [
  {
    id: 'timeline',
    path: '/timeline',
    // Who sees only their own activity has one list, not two of the same.
    title: () => (session.is('super') ? m.app_timeline() : m.app_mine()),
    icon: Activity,
    role: 'view',
    keys: 'g t',
    load: timeline,
  },
  {
    id: 'mine',
    path: '/mine',
    title: m.app_mine,
    icon: UserRound,
    role: 'view',
    offered: 'super',
    keys: 'g m',
    load: timeline,
  },
  {
    id: 'users',
    path: '/users',
    title: m.users_title,
    icon: Users,
    role: 'super',
    keys: 'g u',
    load: () => import('../features/users/UsersScreen.svelte'),
  },
  {
    id: 'sites',
    path: '/sites',
    title: m.app_sites,
    icon: AppWindow,
    role: 'admin',
    keys: 'g s',
    load: () => import('../features/sites/SitesScreen.svelte'),
  },
  {
    id: 'import',
    path: '/import',
    title: m.transfer_import,
    icon: Upload,
    role: 'super',
    keys: 'g i',
    load: () => import('../features/transfer/ImportScreen.svelte'),
  },
  {
    id: 'connections',
    path: '/connections',
    title: m.connections_title,
    icon: KeyRound,
    role: 'view',
    keys: 'g c',
    load: () => import('../features/connections/ConnectionsScreen.svelte'),
  },
  {
    id: 'plugins',
    path: '/plugins',
    title: m.plugins_title,
    icon: Blocks,
    role: 'super',
    keys: 'g p',
    load: () => import('../features/plugins/PluginsScreen.svelte'),
  },
  {
    id: 'retention',
    path: '/retention',
    title: m.retention_title,
    icon: CalendarClock,
    role: 'super',
    keys: 'g e',
    load: () => import('../features/retention/RetentionScreen.svelte'),
  },
  {
    id: 'integrity',
    path: '/integrity',
    title: m.integrity_title,
    icon: ShieldCheck,
    role: 'super',
    keys: 'g v',
    load: () => import('../features/integrity/IntegrityScreen.svelte'),
  },
  {
    id: 'settings',
    path: '/settings',
    title: m.settings_title,
    icon: Settings,
    role: 'none',
    keys: 'g ,',
    load: () => import('../features/settings/SettingsScreen.svelte'),
  },
];
