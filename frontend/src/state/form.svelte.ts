import { tick } from 'svelte';
import { toFault, type Fault } from '../host';
import { m } from '../lib/paraglide/messages';

/** What to say about a failure that has no field of its own on the screen. */
export function faultText(fault: Fault): string {
  if (fault.code === 'offline') return m.app_connection_lost();
  return fault.message || m.app_broken();
}

/** A form's work: busy while it runs, and its failure beside the field it blames. */
export class Form {
  busy = $state(false);
  fault = $state.raw<Fault | null>(null);

  /** `owns` says which fields show their own message; the others' stands above the form. */
  constructor(private readonly owns: (field: string) => boolean) {}

  /** The message of a field, "" where nothing is wrong with it. */
  error(field: string): string {
    return this.fault && this.fault.field === field ? faultText(this.fault) : '';
  }

  /** The message that belongs to no field. */
  get general(): string {
    return this.fault && !this.owns(this.fault.field) ? faultText(this.fault) : '';
  }

  /** Runs the work; false if it failed. A second call while one runs does nothing. */
  async run(work: () => Promise<unknown>, form?: HTMLElement | null): Promise<boolean> {
    if (this.busy) return false;
    this.busy = true;
    this.fault = null;
    try {
      await work();
      return true;
    } catch (cause) {
      this.fault = toFault(cause);
      await tick();
      form?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
      return false;
    } finally {
      this.busy = false;
    }
  }

  clear(): void {
    this.fault = null;
  }
}

/** `owns` for a fixed list of fields. */
export function among(...fields: string[]): (field: string) => boolean {
  return (field) => fields.includes(field);
}
