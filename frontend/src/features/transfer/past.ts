import { m } from '../../lib/paraglide/messages';

type Tone = 'update' | 'create' | 'neutral' | 'delete';

/** How imports of before ended; of one that is done nothing need be said. */
export const pastStates: Record<string, { label: () => string; tone: Tone } | undefined> = {
  running: { label: m.transfer_running, tone: 'update' },
  cancelled: { label: m.transfer_cancelled, tone: 'neutral' },
  failed: { label: m.transfer_failed, tone: 'delete' },
  undoing: { label: m.transfer_undoing, tone: 'delete' },
  undone: { label: m.transfer_undone, tone: 'neutral' },
};
