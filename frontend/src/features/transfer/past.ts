import type { Job, PastImport } from '../../host';
import { m } from '../../lib/paraglide/messages';

type Tone = 'update' | 'create' | 'neutral' | 'delete';

/** How imports of before ended; of one that is done nothing need be said. */
export const pastStates: Record<string, { label: () => string; tone: Tone } | undefined> = {
  running: { label: m.transfer_running, tone: 'update' },
  cancelled: { label: m.transfer_cancelled, tone: 'neutral' },
  failed: { label: m.transfer_failed, tone: 'delete' },
  undoing: { label: m.transfer_undoing, tone: 'delete' },
  undoingNow: { label: m.transfer_undoing_now, tone: 'update' },
  undone: { label: m.transfer_undone, tone: 'neutral' },
};

/** The state of an import, by the jobs that run: only what no job goes on with is left half undone. */
export function stateOf(past: PastImport, running: readonly Job[]): string {
  const goesOn = past.state === 'undoing' && running.some((job) => job.kind === 'undo' && job.title === past.source);
  return goesOn ? 'undoingNow' : past.state;
}
