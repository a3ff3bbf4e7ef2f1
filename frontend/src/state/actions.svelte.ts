import { untrack } from 'svelte';

/**
 * What the commands of app/commands.ts do where a feature has to do it: the feature
 * offers handlers by the command's id while it is on the screen, the last one wins.
 */
class Actions {
  private handlers = $state.raw<readonly Readonly<Record<string, () => void>>[]>([]);

  /** Offers handlers until the returned function is called: `$effect(() => actions.offer({…}))`. */
  offer(handlers: Record<string, () => void>): () => void {
    // Offered from effects: what is written here must not be read by them.
    this.handlers = [...untrack(() => this.handlers), handlers];
    return () => {
      this.handlers = untrack(() => this.handlers).filter((one) => one !== handlers);
    };
  }

  /** The handler of a command, undefined while nobody offers one. */
  find(id: string): (() => void) | undefined {
    return this.handlers.findLast((one) => id in one)?.[id];
  }
}

export const actions = new Actions();
