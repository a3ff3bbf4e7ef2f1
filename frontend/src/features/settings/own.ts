import type { Preferences } from '../../host';
import { session } from '../../state/session.svelte';
import { saver } from './saver.svelte';
import type { Setting } from './settings';

/** Saves one preference of the person signed in, ready to be undone. */
export function prefer<K extends keyof Preferences & Setting>(key: K, value: Preferences[K]): void {
  const before = session.preferences?.[key];
  if (before === undefined || before === value) return;
  void saver.save(
    key,
    () => session.prefer({ [key]: value }),
    () => session.prefer({ [key]: before }),
  );
}
