import { host, toFault, type Fault, type Job, type Schedule } from '../../host';

/** How often a server is read, in minutes; "0" is once, now. */
export type Every = '0' | '5' | '15' | '60' | '360' | '1440';

/** The Matomo servers that are followed. */
export class Following {
  list = $state.raw<readonly Schedule[]>([]);
  fault = $state.raw<Fault | null>(null);
  private turn = 0;

  /** Reads them all. An answer from before a later change is not taken. */
  async load(): Promise<void> {
    const turn = ++this.turn;
    try {
      const { schedules } = await host().call('schedules', {});
      if (turn !== this.turn) return;
      this.list = schedules;
      this.fault = null;
    } catch (cause) {
      if (turn === this.turn) this.fault = toFault(cause);
    }
  }

  /** Reads a server now; null if that was refused. */
  async read(name: string): Promise<Job | null> {
    try {
      this.fault = null;
      return await host().call('runSchedule', { name });
    } catch (cause) {
      this.fault = toFault(cause);
      return null;
    }
  }

  /** Stops following a server. Throws why not. */
  async stop(name: string): Promise<void> {
    await host().call('removeSchedule', { name });
    this.turn++;
    this.list = this.list.filter((one) => one.name !== name);
  }
}
