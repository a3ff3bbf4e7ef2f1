/**
 * Fetches what the first rows did not wait for, while nobody waits: it is at hand at once
 * when it is wanted, and also while the server is away.
 */
export function fetchParts(): void {
  void Promise.allSettled([
    import('./completion'),
    import('./Details.svelte'),
    import('./Changes.svelte'),
    import('./RowMenu.svelte'),
    import('./EmptyFilter.svelte'),
  ]);
}
