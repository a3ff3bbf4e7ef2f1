import { tick } from 'svelte';

/** Gives the focus to an element where what had it went away with a dialog and its row. */
export async function refocus(to: HTMLElement | null): Promise<void> {
  await tick();
  if (document.activeElement === document.body) to?.focus();
}
