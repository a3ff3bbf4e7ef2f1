import { host, toFault, type Fault, type Verification } from '../../host';

/** The verification asked for last. It goes on, and its report stays, while a person looks elsewhere. */
class Verifying {
  running = $state(false);
  /** When it was started, ms. */
  since = $state(0);
  report = $state.raw<Verification | null>(null);
  fault = $state.raw<Fault | null>(null);
  private owner = '';

  /** Forgets the report when another person looks. */
  begin(owner: string): void {
    if (owner === this.owner) return;
    this.owner = owner;
    this.report = null;
    this.fault = null;
  }

  /** Verifies; `words` asks for the second, slower pass too. */
  async start(words: boolean, now: number): Promise<void> {
    if (this.running) return;
    const owner = this.owner;
    this.running = true;
    this.since = now;
    this.fault = null;
    try {
      const report = await host().call('verify', { words });
      if (owner === this.owner) this.report = report;
    } catch (cause) {
      if (owner === this.owner) this.fault = toFault(cause);
    } finally {
      this.running = false;
    }
  }
}

export const verifying = new Verifying();
