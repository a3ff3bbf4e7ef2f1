import type { Api, Handle, Job, Manifest, Op, Session, Ticket } from './api';

/** What a host can do beyond answering calls. Features ask for the ability, never for the host. */
export interface Can {
  /** Folders can be picked (git histories). */
  folders: boolean;
  /** Dropped files arrive through the topic `drop` (the window); otherwise the page uploads them. */
  dropPaths: boolean;
  /** `save` hands the bytes to the browser and learns nothing more; otherwise null means that nothing was chosen. */
  downloads: boolean;
  /** The page's addresses open from outside it. */
  links: boolean;
  /** The session is kept outside the page and renews itself. */
  ownSession: boolean;
}

/** What the host tells of its own accord. */
export interface Topics {
  /** Something the caller sees may have changed. */
  changed: { revision: string };
  /** Jobs as they are now, newest first. */
  jobs: Job[];
  /** Files dropped on the window. */
  drop: Handle[];
  /** The window is to be closed while this many jobs run; `leave` answers. */
  closing: number;
  /** Whether the window serves has changed. */
  serving: Serving;
  /** The session ended: sign in again. */
  signedOut: null;
  /** Whether the program answers. */
  connection: boolean;
}

/** Whether the window serves browsers and programs of this machine. */
export interface Serving {
  /** Where, "" while it does not. */
  address: string;
  /** Why not, though it should. */
  error: string;
}

/** What a person chose or dropped. */
export interface Picked {
  /** Made by the window, which keeps the paths. */
  handles: readonly Handle[];
  /** Held by the page, to be uploaded. */
  files: readonly File[];
}

/** The outside world: operations, live topics, files. One interface, three implementations. */
export interface Host {
  readonly kind: 'window' | 'browser' | 'memory';
  readonly can: Can;
  /** Calls an operation. Rejects with a Fault, with code `aborted` once the signal fires. */
  call<K extends Op>(op: K, input: Api[K]['in'], options?: { signal?: AbortSignal }): Promise<Api[K]['out']>;
  /** Listens to a topic until the returned function is called. */
  subscribe<T extends keyof Topics>(topic: T, on: (event: Topics[T]) => void): () => void;
  /** Keeps the session an operation answered with (setUp, signIn, renew, changePassword). */
  keep(session: Session | null): void;
  /** Lets a person choose files or a folder; empty lists when they choose nothing. */
  pick(kind: 'files' | 'folder'): Promise<Picked>;
  /** Takes a file the page holds (browser: dropped on the page) and makes it a handle. */
  upload(file: File): Promise<Handle>;
  /** Brings an export to a person's files: a dialog in the window, a download in a browser. */
  save(ticket: Ticket): Promise<Job | null>;
  /** What a downloaded export says of itself, once it is complete; null where it lies beside the file. */
  manifest(ticket: Ticket): Promise<Manifest | null>;
  /** Brings a manifest to a person's files. */
  saveManifest(manifest: Manifest): void;
  /** Brings views, all without ids, to a person's files; false where nothing was chosen. */
  saveViews(ids: readonly string[]): Promise<boolean>;
  /** Opens a web address outside the program. */
  openExternal(url: string): void;
  /** Makes what the host itself draws (its dialogs, its lists of choices) as light or dark as the page. */
  paint(theme: 'auto' | 'light' | 'dark'): void;
  /** Whether the window serves; null where there is no window. */
  serving(): Promise<Serving | null>;
  /** Answers `closing`: whether the window closes after all. */
  leave(yes: boolean): void;
  /** The set-up token of the address, once; "" where there is none. */
  takeSetUpToken(): string;
}
