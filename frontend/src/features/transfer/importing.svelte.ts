import {
  host,
  toFault,
  type Column,
  type Fault,
  type Handle,
  type ImportIn,
  type Job,
  type Mapping,
  type Preview,
  type Server,
} from '../../host';

import type { Every } from './following.svelte';

export type Format = 'auto' | 'ndjson' | 'cloudtrail' | 'git' | 'matomo' | 'csv';

const pause = 300;

/** What a person is about to import: chosen files or a server, how to read them, and how that would look. */
export class Importing {
  handles = $state.raw<readonly Handle[]>([]);
  /** A Matomo server in place of files, once it has answered. */
  server = $state.raw<Server | null>(null);
  /** How often the server is read from now on. */
  every = $state<Every>('0');
  format = $state<Format>('auto');
  name = $state('');
  preview = $state.raw<Preview | null>(null);
  fault = $state.raw<Fault | null>(null);
  /** What the columns of a CSV are; null until it was suggested. */
  mapping = $state.raw<Mapping | null>(null);
  columns = $state.raw<readonly Column[]>([]);
  /** How many files are still on their way here. */
  uploading = $state(0);
  looking = $state(false);
  starting = $state(false);
  private timer: ReturnType<typeof setTimeout> | undefined;
  private running: AbortController | undefined;

  get chosen(): boolean {
    return this.handles.length > 0 || this.server !== null;
  }

  /** Takes a server in place of files, if its first entries can be read. Throws why not. */
  async connect(server: Server): Promise<void> {
    const preview = await host().call('importPreview', this.input([], server));
    this.clear();
    this.server = server;
    this.preview = preview;
  }

  /** Lets a person choose in the host's own dialog. */
  async choose(kind: 'files' | 'folder'): Promise<void> {
    try {
      const { handles, files } = await host().pick(kind);
      this.add(handles);
      await this.upload(files);
    } catch (cause) {
      this.fault = toFault(cause);
    }
  }

  /** Takes files the page holds, those that come over. */
  async upload(files: readonly File[]): Promise<void> {
    const done = await Promise.allSettled(files.map((file) => this.receive(file)));
    // Said at the end: each file that comes in clears what was said before.
    const failed = done.find((one) => one.status === 'rejected');
    if (failed) this.fault = toFault(failed.reason);
  }

  add(handles: readonly Handle[]): void {
    const known = new Set(this.handles.map((handle) => handle.id));
    const more = handles.filter((handle) => !known.has(handle.id) && known.add(handle.id));
    if (more.length === 0) return;
    if (this.server) this.clear();
    this.handles = [...this.handles, ...more];
    this.look(0);
  }

  remove(id: string): void {
    this.handles = this.handles.filter((handle) => handle.id !== id);
    this.unmap();
    this.look(0);
  }

  /** Begins anew. */
  clear(): void {
    this.stop();
    this.handles = [];
    this.server = null;
    this.every = '0';
    this.preview = null;
    this.fault = null;
    this.name = '';
    this.format = 'auto';
    this.unmap();
  }

  /** Takes another format; a mapping of columns is suggested anew. */
  setFormat(): void {
    this.unmap();
    this.look(0);
  }

  /** Takes a changed mapping and tries it. */
  map(change: Partial<Mapping>, wait = 0): void {
    if (!this.mapping) return;
    this.mapping = { ...this.mapping, ...change };
    this.look(wait);
  }

  stop(): void {
    clearTimeout(this.timer);
    this.running?.abort();
    this.looking = false;
  }

  /** Asks again how the records map, once nothing changes for a moment. */
  look(wait = pause): void {
    this.stop();
    this.fault = null;
    if (!this.chosen) {
      this.preview = null;
      return;
    }
    this.looking = true;
    this.timer = setTimeout(() => void this.ask(), wait);
  }

  /** Starts the import; null if it was refused, or is done by the program already. */
  async start(): Promise<Job | null> {
    if (this.starting) return null;
    this.starting = true;
    this.fault = null;
    try {
      const job = this.server && this.every !== '0' ? await this.follow(this.server) : await this.once();
      this.clear();
      return job;
    } catch (cause) {
      this.fault = toFault(cause);
      return null;
    } finally {
      this.starting = false;
    }
  }

  private once(): Promise<Job> {
    return host().call('import', this.asked());
  }

  /** Has the server followed and reads it now. The program may be quicker: then it does. */
  private async follow({ address, token }: Server): Promise<Job | null> {
    const minutes = Number(this.every);
    const { name } = await host().call('saveSchedule', { name: this.name.trim(), address, token, minutes });
    try {
      return await host().call('runSchedule', { name });
    } catch (cause) {
      if (toFault(cause).code === 'conflict') return null;
      throw cause;
    }
  }

  private unmap(): void {
    this.mapping = null;
    this.columns = [];
  }

  private asked(): ImportIn {
    return this.input(
      this.handles.map((handle) => handle.id),
      this.server,
    );
  }

  private input(handles: string[], server: Server | null): ImportIn {
    const format = server ? 'matomo-server' : this.format;
    return { handles, format, name: this.name.trim(), mapping: server ? null : this.mapping, server };
  }

  private async ask(): Promise<void> {
    const running = (this.running = new AbortController());
    try {
      const preview = await host().call('importPreview', this.asked(), { signal: running.signal });
      this.preview = preview;
      this.mapping = preview.mapping;
      this.columns = preview.columns;
    } catch (cause) {
      const fault = toFault(cause);
      if (fault.code === 'aborted') return;
      this.preview = null;
      this.fault = fault;
    }
    if (this.running === running) this.looking = false;
  }

  private async receive(file: File): Promise<void> {
    this.uploading++;
    try {
      this.add([await host().upload(file)]);
    } finally {
      this.uploading--;
    }
  }
}
