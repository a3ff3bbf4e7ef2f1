import {
  host,
  toFault,
  type Api,
  type DryRun,
  type Fault,
  type Retention,
  type RetentionRun,
  type Rule,
} from '../../host';

/** How long what is kept, what a run would remove now, and the runs there were. */
export class Keeping {
  state = $state.raw<Retention | null>(null);
  runs = $state.raw<readonly RetentionRun[]>([]);
  fault = $state.raw<Fault | null>(null);
  /** Null while it is on its way. */
  dry = $state.raw<DryRun | null>(null);
  dryFault = $state.raw<Fault | null>(null);
  private turn = 0;
  private asked = 0;
  /** What the dry run stands on: the rules and the last run that ended; and how often that was another. */
  private basis = '';
  private changes = 0;
  /** The dry run that goes on, or the last. */
  private trial: Promise<unknown> = Promise.resolve();
  /** How long one took, ms; 0 before the first. */
  private took = 0;
  private waiting = false;
  private over = false;

  /** Reads all of it; what a run would remove only while none goes on. An answer from before a later call or change is not taken. */
  async load(): Promise<void> {
    const turn = ++this.turn;
    const at = host();
    try {
      const [state, { runs }] = await Promise.all([at.call('retention', {}), at.call('retentionRuns', {})]);
      if (turn !== this.turn) return;
      this.take(state, runs);
      this.fault = null;
    } catch (cause) {
      if (turn === this.turn) this.fault = toFault(cause);
      return;
    }
    if (!this.state?.running) this.askAgain();
  }

  /** In a log where much happens it rests for as long as it took. */
  private askAgain(): void {
    if (this.waiting) return;
    this.waiting = true;
    void this.trial.then(() =>
      setTimeout(
        () => {
          this.waiting = false;
          void this.ask();
        },
        this.took && Math.max(1_000, this.took),
      ),
    );
  }

  private async ask(): Promise<void> {
    const asked = ++this.asked;
    const { changes } = this;
    try {
      const dry = await this.would(null, () => asked === this.asked && !this.over && !this.state?.running);
      if (dry === null || changes !== this.changes) return;
      this.dry = dry;
      this.dryFault = null;
    } catch (cause) {
      if (changes === this.changes) this.dryFault = toFault(cause);
    }
  }

  /**
   * What a run by such rules, or by those saved, would remove. Each looks through the whole log: one goes on at a
   * time, and one that is wanted no longer when its turn comes is left out (null).
   */
  async would(rules: Rule[] | null, wanted: () => boolean): Promise<DryRun | null> {
    const before = this.trial;
    const mine = before.then(async () => {
      if (!wanted()) return null;
      const began = performance.now();
      const dry = await host().call('retentionDryRun', { rules });
      this.took = performance.now() - began;
      return dry;
    });
    this.trial = mine.catch(() => undefined);
    return mine;
  }

  async configure(change: Partial<Api['configureRetention']['in']>): Promise<void> {
    const state = await host().call('configureRetention', {
      enabled: null,
      every: null,
      rules: null,
      reports: null,
      ...change,
    });
    this.turn++;
    this.take(state, this.runs);
    void this.ask();
  }

  private take(state: Retention, runs: readonly RetentionRun[]): void {
    const { rules, reports } = state.config;
    const basis = JSON.stringify([rules, reports, runs.find((run) => run.state !== 'running')?.id]);
    if (basis !== this.basis) {
      this.basis = basis;
      this.changes++;
      this.dry = null;
    }
    this.state = state;
    this.runs = runs;
  }

  /** Asks for nothing more. */
  stop(): void {
    this.over = true;
  }

  get rules(): readonly Rule[] {
    return this.state?.config.rules ?? [];
  }
}

/** The rules with one moved by so many places; the same where it cannot go there. */
export function moved(rules: readonly Rule[], at: number, by: number): Rule[] {
  const list = [...rules];
  const to = at + by;
  const [rule] = list.slice(at, at + 1);
  if (!rule || to < 0 || to >= list.length) return list;
  list.splice(at, 1);
  list.splice(to, 0, rule);
  return list;
}

/** The rules with one in the place of another, or at the end where that is null. */
export function placed(rules: readonly Rule[], at: number | null, rule: Rule): Rule[] {
  return at === null ? [...rules, rule] : rules.map((one, i) => (i === at ? rule : one));
}

/** When rules that are switched on now are applied first: as the log reckons it. */
export function firstAt(every: string, now: number): number {
  const at = new Date(now);
  if (every === 'monthly') at.setUTCMonth(at.getUTCMonth() + 1);
  else at.setUTCDate(at.getUTCDate() + (every === 'daily' ? 1 : 7));
  return at.getTime();
}
