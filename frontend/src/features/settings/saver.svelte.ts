import { toFault, type Fault } from '../../host';
import { faultText } from '../../state/form.svelte';
import type { Setting } from './settings';

/** How the last change of a setting went. */
export interface Outcome {
  phase: 'saving' | 'saved' | 'failed';
  /** When it was saved, ms. */
  at: number;
  fault: Fault | null;
  /** Puts the value back that was there before; null once that was done. */
  undo: (() => Promise<unknown>) | null;
}

/**
 * Settings are saved one by one, at once. What became of each is kept here and not in
 * the screen, since a change of language draws every screen anew.
 */
export class Saver {
  private outcomes = $state.raw<Readonly<Partial<Record<Setting, Outcome>>>>({});
  /** The setting changed last, and when: it gets the focus back where the screen was drawn anew. */
  last: { setting: Setting; at: number } | null = null;
  private owner = '';

  constructor(private readonly now: () => number = Date.now) {}

  /** Forgets everything when another person uses the screen. */
  begin(owner: string): void {
    if (owner === this.owner) return;
    this.owner = owner;
    this.outcomes = {};
    this.last = null;
  }

  of(setting: Setting): Outcome | null {
    return this.outcomes[setting] ?? null;
  }

  /** What stands beside the setting when it could not be saved. */
  error(setting: Setting): string {
    const fault = this.outcomes[setting]?.fault;
    return fault ? faultText(fault) : '';
  }

  /** Saves; `back` puts the old value back. False if it was refused. */
  async save(
    setting: Setting,
    apply: () => Promise<unknown>,
    back: (() => Promise<unknown>) | null = null,
  ): Promise<boolean> {
    this.last = { setting, at: this.now() };
    this.put(setting, { phase: 'saving', at: 0, fault: null, undo: null });
    try {
      await apply();
      this.put(setting, { phase: 'saved', at: this.now(), fault: null, undo: back });
      return true;
    } catch (cause) {
      this.put(setting, { phase: 'failed', at: 0, fault: toFault(cause), undo: null });
      return false;
    }
  }

  /** What was refused has been taken back: nothing is wrong with the setting any more. */
  takenBack(setting: Setting): void {
    if (this.outcomes[setting]?.fault) this.outcomes = { ...this.outcomes, [setting]: undefined };
  }

  /** Undoes the last change of a setting. */
  async undo(setting: Setting): Promise<boolean> {
    const back = this.outcomes[setting]?.undo;
    return back ? this.save(setting, back) : false;
  }

  private put(setting: Setting, outcome: Outcome): void {
    this.outcomes = { ...this.outcomes, [setting]: outcome };
  }
}

export const saver = new Saver();
