import { host, type Picked } from '../host';

/** Files that a person drags over the page. */
class Dropped {
  /** Something is being dragged over the page. */
  over = $state(false);
  /** What was dropped, until whoever imports takes it. */
  waiting = $state.raw<Picked | null>(null);
  /** What the screen that takes them itself says while files are dragged. */
  words = $state.raw<(() => string) | null>(null);

  /** Has drops stay on this screen until the returned function is called. */
  claim(words: () => string): () => void {
    this.words = words;
    return () => (this.words = null);
  }

  /** Listens until the returned function is called; `on` is told of every drop. */
  start(on: () => void): () => void {
    const put = (drop: Picked): void => {
      this.over = false;
      if (drop.handles.length + drop.files.length === 0) return;
      this.waiting = drop;
      on();
    };
    const stops = [host().subscribe('drop', (handles) => put({ handles, files: [] }))];
    const listen = (name: 'dragenter' | 'dragover' | 'dragleave' | 'drop', run: (event: DragEvent) => void): void => {
      const heard = (event: Event): void => run(event as DragEvent);
      document.addEventListener(name, heard);
      stops.push(() => document.removeEventListener(name, heard));
    };
    for (const name of ['dragenter', 'dragover'] as const) {
      listen(name, (event) => {
        if (!hasFiles(event)) return;
        event.preventDefault();
        this.over = true;
      });
    }
    listen('dragleave', (event) => {
      if (event.relatedTarget === null) this.over = false;
    });
    listen('drop', (event) => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      this.over = false;
      // In the window the same drop arrives as handles, by the topic.
      if (!host().can.dropPaths) put({ handles: [], files: Array.from(event.dataTransfer?.files ?? []) });
    });
    return () => {
      for (const stop of stops) stop();
      this.over = false;
    };
  }

  /** What waits, once. */
  take(): Picked | null {
    const drop = this.waiting;
    this.waiting = null;
    return drop;
  }
}

/** Whether files are dragged. WebKitGTK calls them a list of addresses; nothing else of that kind comes to a window. */
function hasFiles(event: DragEvent): boolean {
  const types = event.dataTransfer?.types ?? [];
  return types.includes('Files') || (host().can.dropPaths && types.includes('text/uri-list'));
}

export const dropped = new Dropped();
