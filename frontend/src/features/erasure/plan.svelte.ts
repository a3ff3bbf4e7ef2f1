import { host, toFault, type Fault, type Plan } from '../../host';
import { plain } from '../../lib/visible';

/** What is to be erased: activities, an account, or an identity without one. */
export interface Subject {
  activities: string[];
  user: string;
  actor: string;
}

/** A plan that is looked up anew when something is left out of it, or added. */
export class Erasing {
  plan = $state.raw<Plan | null>(null);
  fault = $state.raw<Fault | null>(null);
  looking = $state(true);
  also = $state.raw<readonly string[]>([]);
  without = $state.raw<readonly string[]>([]);
  private turn = 0;

  constructor(private readonly subject: Subject) {}

  private get input() {
    return { ...this.subject, also: [...this.also], without: [...this.without], keep: [] };
  }

  /** Looks again; of several in flight the last one counts. */
  async look(): Promise<boolean> {
    const turn = ++this.turn;
    this.looking = true;
    try {
      const plan = await host().call('erasePlan', this.input);
      if (turn !== this.turn) return false;
      this.plan = plan;
      this.fault = null;
    } catch (cause) {
      if (turn === this.turn) this.fault = toFault(cause);
    }
    if (turn === this.turn) this.looking = false;
    return this.fault === null;
  }

  /** Has a name or an address count, or not. */
  async count(text: string, counts: boolean): Promise<void> {
    const rest = this.without.filter((other) => other !== text);
    this.without = counts ? rest : [...rest, text];
    await this.look();
  }

  /** Adds a name; where it is refused it is not added. */
  async add(name: string): Promise<boolean> {
    const before = this.also;
    this.also = [...before, name];
    const added = await this.look();
    if (!added) this.also = before;
    return added;
  }

  /** Erases what the plan lists, if it is not more by now. */
  erase(): Promise<unknown> {
    return host().call('erase', { ...this.input, total: this.plan?.total ?? null });
  }
}

/** A text as it can be read and typed: with pictures for risky characters, and one space where a page shows one. */
export function typeable(text: string): string {
  return plain(text).replace(/\s+/g, ' ').trim();
}

/** What is typed to confirm: what the person is called, or the number of a person without anything to read. */
export function toType(label: string, subject: Pick<Subject, 'user' | 'actor'>): string {
  return typeable(label) || subject.user || subject.actor;
}
