import { host, toFault, type Count, type Job, type Manifest, type Ticket } from '../../host';
import { faultText } from '../../state/form.svelte';
import { live } from '../../state/live.svelte';
import type { ExportFormat } from './columns';

/** One export, from what is asked for to the file. */
export class Exporting {
  format = $state<ExportFormat>('csv');
  /** Null: the format's own columns. */
  columns = $state.raw<string[] | null>(null);
  zone = $state('');
  count = $state.raw<Count | null>(null);
  /** Why it cannot be counted, "" if it can. */
  wrong = $state('');
  ticket = $state.raw<Ticket | null>(null);
  manifest = $state.raw<Manifest | null>(null);
  /** Why a download ended early, "" if it did not. */
  broken = $state('');
  private id = $state('');
  /** The newest job before this export: what comes later may be its own. */
  private before = '';

  constructor(readonly query: string) {}

  /** The file's job. In a browser it is found by its name: the download does not tell it. */
  readonly job = $derived.by<Job | undefined>(() => {
    const ticket = this.ticket;
    if (!ticket) return undefined;
    if (this.id) return live.jobs.find((one) => one.id === this.id);
    return live.jobs.find(
      (one) => one.kind === 'export' && one.title === ticket.name && Number(one.id) > Number(this.before),
    );
  });

  readonly state = $derived.by<'asking' | 'running' | 'done' | 'cancelled' | 'failed'>(() => {
    if (!this.ticket) return 'asking';
    if (this.manifest) return 'done';
    if (this.job && this.job.state !== 'running') return this.job.state as 'done' | 'cancelled' | 'failed';
    return this.broken ? 'failed' : 'running';
  });

  /** How many the query shows, read in the zone. */
  async ask(signal: AbortSignal): Promise<void> {
    this.count = null;
    this.wrong = '';
    try {
      this.count = await host().call('count', { query: this.query, zone: this.zone, exact: true }, { signal });
    } catch (cause) {
      const fault = toFault(cause);
      if (fault.code !== 'aborted') this.wrong = faultText(fault);
    }
  }

  /** Starts it. A refusal rejects; nothing chosen in the dialog of the window changes nothing. */
  async start(): Promise<void> {
    const { query, zone, format } = this;
    const ticket = await host().call('export', { query, zone, format, columns: this.columns ?? [] });
    this.before = live.jobs[0]?.id ?? '0';
    const made = await host().save(ticket);
    if (made === null && !host().can.downloads) return;
    this.id = made?.id ?? '';
    this.manifest = null;
    this.broken = '';
    this.ticket = ticket;
    live.touch();
    if (host().can.downloads) void this.wait(ticket);
  }

  /** Back to the questions, after a failure. */
  again(): void {
    this.ticket = null;
  }

  /** A download's end is told by its manifest, which waits for it. */
  private async wait(ticket: Ticket): Promise<void> {
    try {
      const manifest = await host().manifest(ticket);
      if (this.ticket === ticket) this.manifest = manifest;
    } catch (cause) {
      if (this.ticket === ticket) this.broken = faultText(toFault(cause));
    }
    live.touch();
  }
}
