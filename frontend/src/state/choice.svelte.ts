import { Form } from './form.svelte';

/**
 * A choice that is saved at once: it shows meanwhile, and goes back where it is refused. Arrow keys go
 * through several before the first is saved; of these the last one counts.
 */
export class Choice<V extends string> {
  readonly form = new Form(() => true);
  /** Null where what is saved shows. */
  chosen = $state<V | null>(null);

  /** Saves what was chosen. Null where an earlier call does, or did. */
  async set(next: V, save: (value: V) => Promise<unknown>): Promise<boolean | null> {
    this.chosen = next;
    if (this.form.busy) return null;
    let saving: V;
    let saved: boolean;
    do {
      saving = this.chosen;
      saved = await this.form.run(() => save(saving));
    } while (saved && this.chosen !== saving);
    this.chosen = null;
    return saved;
  }
}
