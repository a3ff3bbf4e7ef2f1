import { Fault, host, toFault, type Picked, type Plugin, type PluginCheck } from '../../host';
import { m } from '../../lib/paraglide/messages';

/** What was chosen, and what a look at it found. */
export interface Chosen {
  handle: string;
  /** What the file is called. */
  name: string;
  check: PluginCheck;
}

/** The plugins of the log. Every change is followed by reading them again. */
export class Plugins {
  list = $state.raw<readonly Plugin[] | null>(null);
  fault = $state.raw<Fault | null>(null);
  /** What may be installed, once it was looked at. */
  chosen = $state.raw<Chosen | null>(null);
  /** Why what was chosen could not be looked at. */
  unread = $state.raw<Fault | null>(null);
  busy = $state(false);
  private turn = 0;

  installed = $derived(this.list && this.list.filter((plugin) => !plugin.bundled));
  bundled = $derived(this.list && this.list.filter((plugin) => plugin.bundled));

  /** Reads all plugins. An answer from before a later call is not taken. */
  async load(): Promise<void> {
    const turn = ++this.turn;
    try {
      const { plugins } = await host().call('plugins', {});
      if (turn !== this.turn) return;
      this.list = plugins;
      this.fault = null;
    } catch (cause) {
      if (turn === this.turn) this.fault = toFault(cause);
    }
  }

  /** Lets a person choose in the host's own dialog, and looks at it. */
  async choose(kind: 'files' | 'folder'): Promise<void> {
    await this.look(() => host().pick(kind));
  }

  /** Looks at what was dropped. */
  async take(drop: Picked): Promise<void> {
    await this.look(() => Promise.resolve(drop));
  }

  private async look(pick: () => Promise<Picked>): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    this.unread = null;
    try {
      const { handles, files } = await pick();
      if (handles.length + files.length > 1) throw new Fault('invalid', m.plugins_one());
      const [file] = files;
      const handle = file ? await host().upload(file) : handles[0];
      if (!handle) return;
      const check = await host().call('checkPlugin', { handle: handle.id });
      this.chosen = { handle: handle.id, name: handle.name, check };
    } catch (cause) {
      this.unread = toFault(cause);
    } finally {
      this.busy = false;
    }
  }

  /** Installs what was chosen, or puts it in the place of the version there is. */
  async accept({ handle, check }: Chosen): Promise<void> {
    if (check.installed === null) await host().call('installPlugin', { handle });
    else await host().call('updatePlugin', { handle, downgrade: !check.newer });
    await this.load();
  }

  async remove(name: string): Promise<void> {
    await host().call('removePlugin', { name });
    await this.load();
  }

  async turnTo(name: string, active: boolean): Promise<void> {
    await host().call(active ? 'activatePlugin' : 'deactivatePlugin', { name });
    await this.load();
  }
}

/** Those of some types that have been recorded, as a query. */
export function queryOf(plugin: Plugin): string {
  return plugin.types.map((type) => `type:${type.id}`).join(' ');
}
