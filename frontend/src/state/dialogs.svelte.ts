/** The dialog that is open above the screens, by its name in app/dialogs.ts. */
class Dialogs {
  current = $state.raw<{ name: string; props: Record<string, unknown> } | null>(null);

  /** Opens a dialog; props go to its component, which also gets `onclose`. */
  open(name: string, props: Record<string, unknown> = {}): void {
    this.current = { name, props };
  }

  close(): void {
    this.current = null;
  }
}

export const dialogs = new Dialogs();
