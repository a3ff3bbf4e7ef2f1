// A type names its icon; those the catalogue uses are here, one import each, since
// the package's index pulls in thousands of modules. Any other name is a dot.
import Bell from '@lucide/svelte/icons/bell';
import CalendarClock from '@lucide/svelte/icons/calendar-clock';
import ChartColumn from '@lucide/svelte/icons/chart-column';
import Check from '@lucide/svelte/icons/check';
import CircleAlert from '@lucide/svelte/icons/circle-alert';
import CircleDot from '@lucide/svelte/icons/circle-dot';
import DatabaseBackup from '@lucide/svelte/icons/database-backup';
import Download from '@lucide/svelte/icons/download';
import Eraser from '@lucide/svelte/icons/eraser';
import FileMinus from '@lucide/svelte/icons/file-minus';
import FilePen from '@lucide/svelte/icons/file-pen';
import FilePlus from '@lucide/svelte/icons/file-plus';
import Filter from '@lucide/svelte/icons/funnel';
import Flame from '@lucide/svelte/icons/flame';
import FlaskConical from '@lucide/svelte/icons/flask-conical';
import GitCommitHorizontal from '@lucide/svelte/icons/git-commit-horizontal';
import Globe from '@lucide/svelte/icons/globe';
import KeyRound from '@lucide/svelte/icons/key-round';
import Link from '@lucide/svelte/icons/link';
import LogIn from '@lucide/svelte/icons/log-in';
import LogOut from '@lucide/svelte/icons/log-out';
import MapPin from '@lucide/svelte/icons/map-pin';
import MessageSquare from '@lucide/svelte/icons/message-square';
import Package from '@lucide/svelte/icons/package';
import Puzzle from '@lucide/svelte/icons/puzzle';
import RefreshCw from '@lucide/svelte/icons/refresh-cw';
import RotateCcw from '@lucide/svelte/icons/rotate-ccw';
import Ruler from '@lucide/svelte/icons/ruler';
import Search from '@lucide/svelte/icons/search';
import Send from '@lucide/svelte/icons/send';
import Settings from '@lucide/svelte/icons/settings';
import Share2 from '@lucide/svelte/icons/share-2';
import Shield from '@lucide/svelte/icons/shield';
import ShieldCheck from '@lucide/svelte/icons/shield-check';
import ShieldOff from '@lucide/svelte/icons/shield-off';
import SlidersHorizontal from '@lucide/svelte/icons/sliders-horizontal';
import Tag from '@lucide/svelte/icons/tag';
import Target from '@lucide/svelte/icons/target';
import Terminal from '@lucide/svelte/icons/terminal';
import TextCursorInput from '@lucide/svelte/icons/text-cursor-input';
import Upload from '@lucide/svelte/icons/upload';
import UserCog from '@lucide/svelte/icons/user-cog';
import UserMinus from '@lucide/svelte/icons/user-minus';
import UserPlus from '@lucide/svelte/icons/user-plus';
import Variable from '@lucide/svelte/icons/variable';
import Video from '@lucide/svelte/icons/video';
import Zap from '@lucide/svelte/icons/zap';
import type { Component } from 'svelte';

const byName: Record<string, Component> = {
  bell: Bell,
  'calendar-clock': CalendarClock,
  'chart-column': ChartColumn,
  check: Check,
  'circle-alert': CircleAlert,
  'database-backup': DatabaseBackup,
  download: Download,
  eraser: Eraser,
  'file-minus': FileMinus,
  'file-pen': FilePen,
  'file-plus': FilePlus,
  filter: Filter,
  flame: Flame,
  'flask-conical': FlaskConical,
  'git-commit-horizontal': GitCommitHorizontal,
  globe: Globe,
  'key-round': KeyRound,
  link: Link,
  'log-in': LogIn,
  'log-out': LogOut,
  'map-pin': MapPin,
  'message-square': MessageSquare,
  package: Package,
  puzzle: Puzzle,
  'refresh-cw': RefreshCw,
  'rotate-ccw': RotateCcw,
  ruler: Ruler,
  search: Search,
  send: Send,
  settings: Settings,
  'share-2': Share2,
  shield: Shield,
  'shield-check': ShieldCheck,
  'shield-off': ShieldOff,
  'sliders-horizontal': SlidersHorizontal,
  tag: Tag,
  target: Target,
  terminal: Terminal,
  'text-cursor-input': TextCursorInput,
  upload: Upload,
  'user-cog': UserCog,
  'user-minus': UserMinus,
  'user-plus': UserPlus,
  variable: Variable,
  video: Video,
  zap: Zap,
};

/** The icon of a type. */
export function iconOf(name: string): Component {
  return byName[name] ?? CircleDot;
}
