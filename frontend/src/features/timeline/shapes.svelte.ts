import type { Component } from 'svelte';

/** The types' icons. They come a moment after the first rows, which do not wait for them. */
class Shapes {
  private iconOf = $state.raw<((name: string) => Component) | null>(null);

  constructor() {
    void import('./icons').then((loaded) => (this.iconOf = loaded.iconOf));
  }

  /** The icon of a type, undefined until it is there. */
  of(name: string): Component | undefined {
    return this.iconOf?.(name);
  }
}

export const shapes = new Shapes();
