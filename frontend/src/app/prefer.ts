import { toFault, type PreferIn } from '../host';
import { faultText } from '../state/form.svelte';
import { session } from '../state/session.svelte';
import { toasts } from '../ui/toasts.svelte';

/** Changes a preference from a key or a menu. Where it is refused it goes back, and says why. */
export function prefer(change: Partial<PreferIn>): void {
  session.prefer(change).catch((cause: unknown) => toasts.say(faultText(toFault(cause))));
}
