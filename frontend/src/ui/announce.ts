// The one polite live region. It stays put, since a region that appears together
// with its text is not read out.
let region: HTMLElement | undefined;
let last = 0;
let timer: ReturnType<typeof setTimeout> | undefined;

/** Has a text read out; texts in quick succession are batched to the last one. */
export function announce(text: string): void {
  if (!region) {
    region = document.createElement('div');
    region.className = 'sr-only';
    region.setAttribute('role', 'status');
    region.setAttribute('aria-live', 'polite');
    document.body.append(region);
  }
  const target = region;
  clearTimeout(timer);
  timer = setTimeout(
    () => {
      last = performance.now();
      target.textContent = text;
    },
    Math.max(50, 1_500 - (performance.now() - last)),
  );
}
