import type { Job } from './api';
import { toFault } from './fault';
import type { Topics } from './host';

interface Source {
  signedIn(): boolean;
  /** Begins to follow from a revision; rejects as every call does. */
  open(since: string, signal: AbortSignal): Promise<Response>;
  changed(revision: string): void;
  work(jobs: Job[]): void;
}

/** A line of the stream: what is null has not changed. */
interface Line {
  revision: string | null;
  jobs: Job[] | null;
  error: unknown;
}

const firstWait = 500;
const longestWait = 10_000;

/**
 * Live for a browser: one streamed answer, read while the page is visible, since a browser
 * opens few connections to a server. Whoever comes back says what was known last, and
 * misses nothing.
 */
export class Stream {
  private readonly wanted = new Set<keyof Topics>();
  private revision = '';
  private running: AbortController | null = null;
  private retry: ReturnType<typeof setTimeout> | undefined;
  private wait = firstWait;

  constructor(private readonly source: Source) {
    if (typeof document === 'undefined') return;
    document.addEventListener('visibilitychange', () => (visible() ? this.begin() : this.end()));
  }

  start(topic: keyof Topics): void {
    if (topic !== 'changed' && topic !== 'jobs') return;
    this.wanted.add(topic);
    this.anew(); // whoever begins to listen has not heard of what is known here
  }

  stop(topic: keyof Topics): void {
    this.wanted.delete(topic);
    if (this.wanted.size === 0) this.end();
  }

  /** Begins from nothing known, once what is going on is done: somebody signed in, or out. */
  anew(): void {
    this.revision = '';
    this.end();
    this.retry = setTimeout(() => this.begin(), 0);
  }

  private begin(): void {
    clearTimeout(this.retry);
    if (this.running || this.wanted.size === 0 || !visible() || !this.source.signedIn()) return;
    const control = new AbortController();
    this.running = control;
    void this.follow(control.signal).then(() => {
      if (this.running !== control) return;
      this.running = null;
      this.retry = setTimeout(() => this.begin(), this.wait);
      this.wait = Math.min(longestWait, this.wait * 2);
    });
  }

  private end(): void {
    clearTimeout(this.retry);
    this.running?.abort();
    this.running = null;
    this.wait = firstWait;
  }

  /** Reads to the end of one answer. What goes wrong has been told by the call, or is tried again. */
  private async follow(signal: AbortSignal): Promise<void> {
    try {
      const answer = await this.source.open(this.revision, signal);
      this.wait = firstWait;
      const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
      let rest = '';
      for (;;) {
        const piece = await reader?.read();
        if (!piece || piece.done || signal.aborted) return;
        const lines = (rest + piece.value).split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) if (line !== '') this.take(JSON.parse(line) as Line);
      }
    } catch (cause) {
      // Who may not follow at all is not helped by trying often.
      if (toFault(cause).code === 'denied') this.wait = longestWait;
    }
  }

  private take(line: Line): void {
    if (line.revision !== null) {
      this.revision = line.revision;
      this.source.changed(line.revision);
    }
    if (line.jobs !== null) this.source.work(line.jobs);
  }
}

function visible(): boolean {
  return typeof document === 'undefined' || document.visibilityState === 'visible';
}
