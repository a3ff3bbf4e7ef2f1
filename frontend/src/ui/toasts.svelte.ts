/** Short confirmations at the bottom. What went wrong is never said only here. */
export interface Toast {
  id: number;
  text: string;
  action?: { label: string; run: () => void };
}

class Toasts {
  list = $state.raw<readonly Toast[]>([]);
  private next = 1;

  /** Shows a text for six seconds, ten with an action. */
  say(text: string, action?: Toast['action']): void {
    const toast: Toast = { id: this.next++, text, ...(action ? { action } : {}) };
    this.list = [...this.list.slice(-2), toast];
    setTimeout(() => this.drop(toast.id), action ? 10_000 : 6_000);
  }

  drop(id: number): void {
    this.list = this.list.filter((toast) => toast.id !== id);
  }
}

export const toasts = new Toasts();
