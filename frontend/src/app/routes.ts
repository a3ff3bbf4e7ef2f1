import Activity from '@lucide/svelte/icons/list-tree';
import UserRound from '@lucide/svelte/icons/user-round';
import type { Component } from 'svelte';
import type { Role } from '../state/session.svelte';
import { m } from '../lib/paraglide/messages';

type Loader = () => Promise<{ default: Component }>;

export interface Screen {
  id: string;
  /** Where it is, after the #. */
  path: string;
  title: () => string;
  icon: Component;
  /** The least role that sees it. */
  role: Role;
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
    title: m.app_timeline,
    icon: Activity,
    role: 'view',
    keys: 'g t',
    load: timeline,
  },
  { id: 'mine', path: '/mine', title: m.app_mine, icon: UserRound, role: 'view', keys: 'g m', load: timeline },
];
