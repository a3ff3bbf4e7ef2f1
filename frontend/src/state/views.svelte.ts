import { host, toFault, type Api, type Fault, type View } from '../host';
import { writePlace } from '../lib/place';
import { appearance } from './appearance.svelte';

/** The views a person has, with what is new in the pinned ones. Every change answers with the view as it is then. */
class Views {
  list = $state.raw<readonly View[] | null>(null);
  fault = $state.raw<Fault | null>(null);
  private turn = 0;

  /** Reads all of them. An answer from before a later call or change is not taken. */
  async load(): Promise<void> {
    const turn = ++this.turn;
    try {
      const { views } = await host().call('views', { zone: appearance.zoneName });
      if (turn !== this.turn) return;
      this.list = views;
      this.fault = null;
    } catch (cause) {
      if (turn === this.turn) this.fault = toFault(cause);
    }
  }

  find(id: string | null): View | undefined {
    return this.list?.find((one) => one.id === id);
  }

  async save(input: Api['saveView']['in']): Promise<View> {
    const saved = await host().call('saveView', input);
    await this.load();
    return saved;
  }

  /** Puts a view under legal hold, with dates as they are read here. */
  async hold(id: string): Promise<void> {
    await host().call('holdView', { id, hold: true, zone: appearance.zoneName });
    await this.load();
  }

  async release(id: string): Promise<void> {
    await host().call('holdView', { id, hold: false, zone: '' });
    await this.load();
  }

  async pin(id: string, pinned: boolean): Promise<void> {
    await host().call('pinView', { id, pinned });
    await this.load();
  }

  /** Up to now everything in it is known. */
  async see(id: string): Promise<void> {
    await host().call('seeView', { id });
    await this.load();
  }

  async remove(id: string): Promise<void> {
    await host().call('removeView', { id });
    await this.load();
  }

  async take(content: string, replace: boolean): Promise<Api['importViews']['out']> {
    const done = await host().call('importViews', { content, replace });
    await this.load();
    return done;
  }

  clear(): void {
    this.turn++;
    this.list = null;
    this.fault = null;
  }
}

export const views = new Views();

/** The address that opens a view. */
export function addressOf(view: View): string {
  const { query, columns, density, id } = view;
  return writePlace('/timeline', {
    query,
    at: null,
    selected: null,
    oldest: view.order === 'oldest',
    columns,
    density,
    view: id,
  });
}
