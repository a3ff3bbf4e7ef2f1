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

  /** Reads all of it. An answer from before a later call or change is not taken. */
  async load(): Promise<void> {
    const turn = ++this.turn;
    const at = host();
    try {
      const [state, { runs }] = await Promise.all([at.call('retention', {}), at.call('retentionRuns', {})]);
      if (turn !== this.turn) return;
      this.state = state;
      this.runs = runs;
      this.fault = null;
    } catch (cause) {
      if (turn === this.turn) this.fault = toFault(cause);
      return;
    }
    await this.ask(turn);
  }

  private async ask(turn: number): Promise<void> {
    try {
      const dry = await host().call('retentionDryRun', { rules: null });
      if (turn !== this.turn) return;
      this.dry = dry;
      this.dryFault = null;
    } catch (cause) {
      if (turn === this.turn) this.dryFault = toFault(cause);
    }
  }

  async configure(change: Partial<Api['configureRetention']['in']>): Promise<void> {
    const state = await host().call('configureRetention', {
      enabled: null,
      every: null,
      rules: null,
      reports: null,
      ...change,
    });
    const turn = ++this.turn;
    this.state = state;
    if (change.rules) this.dry = null;
    void this.ask(turn);
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
