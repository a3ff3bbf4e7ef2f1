import { host, toFault, type Api, type Fault, type MadeWidget, type Widget } from '../../host';

/** The widgets a person may see. Every change answers with the widget as it is then. */
export class Widgets {
  list = $state.raw<readonly Widget[] | null>(null);
  fault = $state.raw<Fault | null>(null);
  private turn = 0;

  /** Reads all widgets. An answer from before a later call or change is not taken. */
  async load(): Promise<void> {
    const turn = ++this.turn;
    try {
      const { widgets } = await host().call('widgets', {});
      if (turn !== this.turn) return;
      this.list = widgets;
      this.fault = null;
    } catch (cause) {
      if (turn === this.turn) this.fault = toFault(cause);
    }
  }

  /** Makes a widget; the secret it answers with is nowhere else. */
  async create(input: Api['createWidget']['in']): Promise<MadeWidget> {
    const made = await host().call('createWidget', input);
    this.put((list) => [made.widget, ...list.filter((one) => one.id !== made.widget.id)]);
    return made;
  }

  async change(input: Api['changeWidget']['in']): Promise<void> {
    this.take(await host().call('changeWidget', input));
  }

  /** Gives it another token; the one before ends. */
  async renew(id: string, expiresAt: number | null): Promise<MadeWidget> {
    const made = await host().call('renewWidget', { id, expiresAt });
    this.take(made.widget);
    return made;
  }

  async remove(id: string): Promise<void> {
    await host().call('removeWidget', { id });
    this.put((list) => list.filter((one) => one.id !== id));
  }

  private take(changed: Widget): void {
    this.put((list) => list.map((one) => (one.id === changed.id ? changed : one)));
  }

  private put(change: (list: readonly Widget[]) => readonly Widget[]): void {
    if (!this.list) return;
    this.turn++;
    this.list = change(this.list);
  }
}
