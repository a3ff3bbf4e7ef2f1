import type { Job } from '../host';
import { bytes, number, type Where } from '../lib/format';
import { m } from '../lib/paraglide/messages';

const kinds: Record<string, () => string> = {
  import: m.app_job_import,
  export: m.app_job_export,
  undo: m.app_job_undo,
  erase: m.app_job_erase,
  retention: m.retention_title,
  verify: m.app_job_verify,
};

/** What a job is called, by what it does. */
export function kindOf(job: Job): string {
  return kinds[job.kind]?.() ?? job.kind;
}

/** An amount in the job's unit. */
export function amount(job: Job, n: number, where: Where): string {
  return job.unit === 'bytes' ? bytes(n, where) : number(n, where);
}
