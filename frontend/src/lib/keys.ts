// Shortcuts. Matched by what a key types (event.key), so that `[` and `?` work on
// every layout, also where they need Shift or AltGr.

/** A shortcut: `j`, `F`, `Space`, `Escape`, `$mod+k`, `Shift+Tab`, or a sequence such as `g t`. */
export type Keys = string;

export interface Binding {
  keys: Keys;
  run: (event: KeyboardEvent) => void;
  /** False leaves the key to others for now. */
  when?: () => boolean;
}

/** Whether this is an Apple platform, where $mod is ⌘. */
export function isApple(): boolean {
  return typeof navigator !== 'undefined' && /Mac|iPhone|iPad/.test(navigator.platform);
}

/** Whether the event comes from something a person types in. */
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable) return true;
  if (target instanceof HTMLInputElement) {
    return !['button', 'checkbox', 'radio', 'range', 'submit'].includes(target.type);
  }
  return target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement;
}

/**
 * Whether the element under the focus has its own use for a key: buttons and links for
 * Enter and Space, sliders, tabs and lists for the keys that move in them, and what
 * scrolls for those that scroll.
 */
export function isTaken(target: EventTarget | null, key: string): boolean {
  if (!(target instanceof Element)) return false;
  const inside = (...roles: string[]): boolean =>
    target.closest(roles.map((role) => `[role="${role}"]`).join()) !== null;
  if (key === 'Enter' || key === ' ') {
    if (target.closest('button, a[href], summary, label')) return true;
    return inside('button', 'tab', 'option') || (key === ' ' && inside('tabpanel'));
  }
  if (!/^(Arrow|Page|Home|End)/.test(key)) return false;
  return inside('slider', 'separator', 'tablist', 'listbox', 'region', 'tabpanel');
}

/** Whether a shortcut has no modifier, so that speech input may set it off by accident (WCAG 2.1.4). */
export function isSingle(keys: Keys): boolean {
  return (
    !keys.includes('$mod') &&
    !keys.includes('Alt+') &&
    keys.split(' ').every((key) => key.length === 1 || key === 'Space')
  );
}

/** Whether one press is this part of a shortcut. */
export function matches(part: string, event: KeyboardEvent, apple = isApple()): boolean {
  const names = part.split('+');
  const key = part.endsWith('++') || part === '+' ? '+' : (names.at(-1) ?? '');
  const mod = names.includes('$mod');
  const altGraph = event.getModifierState('AltGraph');
  const control = apple ? event.metaKey : event.ctrlKey;
  const other = apple ? event.ctrlKey : event.metaKey;
  if (other) return false;
  if (mod !== (control && !altGraph)) return false;
  if (names.includes('Alt') !== (event.altKey && !altGraph)) {
    // On Apple keyboards Option is how many layouts type brackets and braces.
    if (!(apple && event.altKey && key.length === 1 && event.key === key)) return false;
  }
  if (key.length > 1 && names.includes('Shift') !== event.shiftKey) return false;
  if (key === 'Space') return event.key === ' ';
  if (mod && key.length === 1) return event.key.toLowerCase() === key.toLowerCase();
  return event.key === key;
}

/** Listens on a target. `single` says whether keys without modifier count. Returns how to stop. */
export function listen(
  target: EventTarget,
  bindings: () => readonly Binding[],
  options: { single: () => boolean; apple?: boolean },
): () => void {
  let pressed: string[] = [];
  let forget: ReturnType<typeof setTimeout> | undefined;
  const on = (raw: Event): void => {
    const event = raw as KeyboardEvent;
    if (event.defaultPrevented || event.isComposing) return;
    if (['Shift', 'Control', 'Alt', 'Meta', 'AltGraph'].includes(event.key)) return;
    const plain = !(event.ctrlKey || event.metaKey) || event.getModifierState('AltGraph');
    if (plain && isTyping(event.target) && event.key !== 'Escape') return;
    if (plain && isTaken(event.target, event.key)) return;
    clearTimeout(forget);
    const usable = bindings().filter((one) => (one.when?.() ?? true) && (options.single() || !isSingle(one.keys)));
    const hit = (depth: number, one: Binding): boolean => {
      const parts = one.keys.split(' ');
      const before = pressed.slice(pressed.length - depth);
      if (depth > pressed.length || depth >= parts.length) return false;
      return before.every((key, i) => key === parts[i]) && matches(parts[depth] ?? '', event, options.apple);
    };
    for (let depth = Math.min(pressed.length, 2); depth >= 0; depth--) {
      const found = usable.find((one) => one.keys.split(' ').length === depth + 1 && hit(depth, one));
      if (found) {
        pressed = [];
        event.preventDefault();
        found.run(event);
        return;
      }
      const start = usable.some((one) => one.keys.split(' ').length > depth + 1 && hit(depth, one));
      if (start) {
        pressed = [...pressed.slice(pressed.length - depth), event.key];
        forget = setTimeout(() => (pressed = []), 1_200);
        return;
      }
    }
    pressed = [];
  };
  target.addEventListener('keydown', on);
  return () => target.removeEventListener('keydown', on);
}

const names: Record<string, string> = {
  ArrowDown: '↓',
  ArrowUp: '↑',
  ArrowLeft: '←',
  ArrowRight: '→',
  Enter: '↵',
  Escape: 'Esc',
  Backspace: '⌫',
  Space: '␣',
  PageDown: 'PgDn',
  PageUp: 'PgUp',
};

/** A shortcut as the keys to draw. */
export function spell(keys: Keys, apple = isApple()): string[] {
  const words: Record<string, string> = apple
    ? { $mod: '⌘', Alt: '⌥', Shift: '⇧' }
    : { $mod: 'Ctrl', Alt: 'Alt', Shift: 'Shift' };
  return keys
    .split(' ')
    .flatMap((part) => (part.length > 1 ? part.split('+') : [part]))
    .map((key) => words[key] ?? names[key] ?? (key.length === 1 && keys.includes('$mod') ? key.toUpperCase() : key));
}
