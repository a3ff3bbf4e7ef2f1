// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { useHost } from '../host';
import { generated } from '../host/generate';
import { MemoryHost } from '../host/memory';
import { dropped } from './dropped.svelte';

let host: MemoryHost;
let stop: () => void;
const opened = vi.fn();

/** Starts listening as in a window, which learns of paths, or as in a browser. */
function start(dropPaths: boolean): void {
  host = new MemoryHost(generated(0));
  host.can.dropPaths = dropPaths;
  useHost(host);
  stop = dropped.start(opened);
}

function drag(name: string, types: string[], files: File[] = []): Event {
  const event = new Event(name, { bubbles: true, cancelable: true });
  Object.assign(event, { dataTransfer: { types, files }, relatedTarget: null });
  document.dispatchEvent(event);
  return event;
}

beforeEach(() => void opened.mockReset());
afterEach(() => {
  stop();
  dropped.take();
});

it.each([
  [true, ['text/uri-list', 'text/html'], true], // WebKitGTK
  [true, ['Files'], true],
  [true, ['text/plain'], false],
  [false, ['Files'], true],
  [false, ['text/uri-list', 'text/html'], false], // a link
])('with paths %s: what is dragged as %j is files: %s', (paths, types, files) => {
  start(paths);
  expect(drag('dragover', types).defaultPrevented).toBe(files);
  expect(dropped.over).toBe(files);
  drag('dragleave', types);
  expect(dropped.over).toBe(false);
});

it('takes files from a browser, and handles from a window', () => {
  start(false);
  const file = new File(['x'], 'a.json');
  drag('drop', ['Files'], [file]);
  expect(opened).toHaveBeenCalledOnce();
  expect(dropped.take()).toEqual({ handles: [], files: [file] });
  expect(dropped.take()).toBeNull();
  stop();

  start(true);
  drag('drop', ['text/uri-list']);
  expect(opened).toHaveBeenCalledOnce();
  const handles = [{ id: '1', name: 'a.json', size: 1, folder: false }];
  host.listeners.tell('drop', handles);
  expect(opened).toHaveBeenCalledTimes(2);
  expect(dropped.take()).toEqual({ handles, files: [] });
});
