import type { Job, Status } from './api';
import type { Topics } from './host';

interface Source {
  signedIn(): boolean;
  status(): Promise<Status>;
  jobs(): Promise<Job[]>;
  changed(revision: string): void;
  work(jobs: Job[]): void;
}

const statusEvery = 2_000;
const jobsEvery = 1_000;

/**
 * Live for a browser: asks for the state every two seconds while the page is
 * visible, and for jobs every second while one runs.
 */
export class Poll {
  private readonly wanted = new Set<keyof Topics>();
  private statusTimer: ReturnType<typeof setTimeout> | undefined;
  private jobsTimer: ReturnType<typeof setTimeout> | undefined;
  private revision: string | undefined;

  constructor(private readonly source: Source) {
    if (typeof document === 'undefined') return;
    document.addEventListener('visibilitychange', () => {
      if (document.visibilityState !== 'visible') return;
      this.scheduleStatus(0);
      this.scheduleJobs(0);
    });
  }

  start(topic: keyof Topics): void {
    this.wanted.add(topic);
    if (topic === 'changed') this.scheduleStatus(statusEvery);
    if (topic === 'jobs') this.scheduleJobs(0);
  }

  stop(topic: keyof Topics): void {
    this.wanted.delete(topic);
    if (topic === 'changed') clearTimeout(this.statusTimer);
    if (topic === 'jobs') clearTimeout(this.jobsTimer);
  }

  /** Work was started from here: look at once. */
  hurry(): void {
    this.scheduleJobs(0);
  }

  private scheduleStatus(wait: number): void {
    clearTimeout(this.statusTimer);
    if (this.wanted.has('changed')) this.statusTimer = setTimeout(() => void this.askStatus(), wait);
  }

  private scheduleJobs(wait: number): void {
    clearTimeout(this.jobsTimer);
    if (this.wanted.has('jobs')) this.jobsTimer = setTimeout(() => void this.askJobs(), wait);
  }

  private async askStatus(): Promise<void> {
    if (visible() && this.source.signedIn()) {
      try {
        const { revision } = await this.source.status();
        const before = this.revision;
        this.revision = revision;
        // The first answer counts too: something may have happened since the page was read.
        if (before !== revision) {
          this.source.changed(revision);
          this.scheduleJobs(0);
        }
      } catch {
        // The failed call has told whoever listens to `connection` or `signedOut`.
      }
    }
    this.scheduleStatus(statusEvery);
  }

  private async askJobs(): Promise<void> {
    if (!visible() || !this.source.signedIn()) return;
    try {
      const jobs = await this.source.jobs();
      this.source.work(jobs);
      if (jobs.some((job) => job.state === 'running')) this.scheduleJobs(jobsEvery);
    } catch {
      this.scheduleJobs(statusEvery);
    }
  }
}

function visible(): boolean {
  return typeof document === 'undefined' || document.visibilityState === 'visible';
}
