import { host, toFault, type Fault, type Job, type Serving, type Status } from '../host';
import { session } from './session.svelte';

/** What goes on by itself: the log's state, jobs, the connection. */
class Live {
  status = $state.raw<Status | null>(null);
  jobs = $state.raw<readonly Job[]>([]);
  connected = $state(true);
  /** Whether the window serves; null where there is no window. */
  serving = $state.raw<Serving | null>(null);
  /** Grows whenever something a person sees may have changed; read it in an effect to follow. */
  revision = $state(0);
  private stops: (() => void)[] = [];
  private turn = 0;
  private jobsTurn = 0;

  running = $derived(this.jobs.filter((job) => job.state === 'running'));

  /** Starts listening, once somebody is signed in. */
  start(): void {
    this.stop();
    const at = host();
    this.stops = [
      at.subscribe('changed', () => {
        this.revision++;
        void this.ask();
      }),
      at.subscribe('jobs', (jobs) => {
        this.jobsTurn++;
        this.jobs = jobs;
      }),
      at.subscribe('serving', (serving) => (this.serving = serving)),
      at.subscribe('connection', (connected) => (this.connected = connected)),
      at.subscribe('signedOut', () => session.phase === 'in' && session.end(true)),
    ];
    void this.ask();
    void this.askJobs();
    void at.serving().then(
      (serving) => (this.serving ??= serving),
      () => undefined, // the window tells of the next change
    );
  }

  stop(): void {
    for (const stop of this.stops) stop();
    this.stops = [];
    this.jobs = [];
    this.status = null;
    this.serving = null;
    this.turn++;
    this.jobsTurn++;
  }

  /** Cancels a job; what it has committed stays. */
  async cancel(id: string): Promise<Fault | null> {
    try {
      await host().call('cancelJob', { id });
      return null;
    } catch (cause) {
      return toFault(cause);
    }
  }

  /** Something was changed from here: whoever follows `revision` reads again. */
  touch(): void {
    this.revision++;
    void this.ask();
    void this.askJobs();
  }

  private async ask(): Promise<void> {
    const turn = ++this.turn;
    try {
      const status = await host().call('status', {});
      if (turn === this.turn) this.status = status;
    } catch {
      // Shown by `connected`; the last state known stays.
    }
  }

  private async askJobs(): Promise<void> {
    const turn = ++this.jobsTurn;
    try {
      const { jobs } = await host().call('jobs', {});
      // What was told meanwhile is newer.
      if (turn === this.jobsTurn) this.jobs = jobs;
    } catch {
      // As above. Roles that may not see jobs have none.
    }
  }
}

export const live = new Live();
