import { beforeEach, expect, test, vi } from 'vitest';
import { Fault, useHost, type Handle, type Job, type Picked, type Preview } from '../../host';
import { MemoryHost, nothing, type Answers } from '../../host/memory';
import { Importing } from './importing.svelte';

const file: Handle = { id: 'h1', name: 'trail.json', size: 10, folder: false };
const preview: Preview = {
  format: 'cloudtrail',
  source: 'import:cloudtrail/main',
  read: 1,
  items: [],
  rejections: [],
  columns: [],
  mapping: null,
};
const started = { id: '7' } as Job;

let host: MemoryHost;

function answer(answers: Answers): void {
  host = new MemoryHost(nothing, answers);
  useHost(host);
}

function asked(op: string): unknown[] {
  return host.calls.filter((call) => call.op === op).map((call) => call.input);
}

beforeEach(() => answer({ importPreview: () => preview, import: () => started }));

test('choosing files shows how they would come in', async () => {
  const importing = new Importing();
  importing.add([file, file]);
  importing.add([file]);
  await vi.waitFor(() => expect(importing.preview).toEqual(preview));
  expect(importing.handles).toEqual([file]);
  expect(asked('importPreview')).toEqual([{ handles: ['h1'], format: 'auto', name: '', mapping: null, server: null }]);
  expect(importing.looking).toBe(false);
});

test('nothing is written before it is started', async () => {
  const importing = new Importing();
  importing.add([file]);
  await vi.waitFor(() => expect(importing.preview).not.toBeNull());
  expect(asked('import')).toEqual([]);
  importing.format = 'ndjson';
  importing.name = ' shop ';
  expect(await importing.start()).toEqual(started);
  expect(asked('import')).toEqual([{ handles: ['h1'], format: 'ndjson', name: 'shop', mapping: null, server: null }]);
  expect(importing.handles).toEqual([]);
});

test('a refusal keeps what was chosen', async () => {
  answer({
    importPreview: () => preview,
    import: () => {
      throw new Fault('invalid', 'This name is too long.', 'name');
    },
  });
  const importing = new Importing();
  importing.add([file]);
  expect(await importing.start()).toBeNull();
  expect(importing.fault).toMatchObject({ field: 'name' });
  expect(importing.handles).toEqual([file]);
  importing.stop();
});

test('a preview that fails says why', async () => {
  answer({
    importPreview: () => {
      throw new Fault('invalid', 'This is a picture.', 'format');
    },
  });
  const importing = new Importing();
  importing.add([file]);
  await vi.waitFor(() => expect(importing.fault).toMatchObject({ message: 'This is a picture.' }));
  expect(importing.preview).toBeNull();
});

test('files of the page are brought over first', async () => {
  const importing = new Importing();
  const going = importing.upload([new File(['{}'], 'a.json'), new File(['{}'], 'b.json')]);
  expect(importing.uploading).toBe(2);
  await going;
  expect(importing.uploading).toBe(0);
  expect(importing.handles.map((handle) => handle.name)).toEqual(['a.json', 'b.json']);
  importing.stop();
});

/** A browser: what is chosen has to be brought over, which waits for `arrive` or is refused. */
class Browser extends MemoryHost {
  arrive: (() => void)[] = [];

  override pick(): Promise<Picked> {
    return Promise.resolve({ handles: [], files: [new File(['{}'], 'a.json'), new File(['{}'], 'large.json')] });
  }

  override async upload(one: File): Promise<Handle> {
    if (one.name === 'large.json') throw new Fault('invalid', 'large.json is too large.');
    await new Promise<void>((resolve) => this.arrive.push(resolve));
    return super.upload(one);
  }
}

test('files chosen in a browser are seen to be on their way, and one that is refused is told of at the end', async () => {
  const browser = new Browser(nothing, { importPreview: () => preview });
  useHost(browser);
  const importing = new Importing();
  const going = importing.choose('files');
  await vi.waitFor(() => expect(importing.uploading).toBe(1));
  browser.arrive[0]?.();
  await going;
  expect(importing.uploading).toBe(0);
  expect(importing.handles.map((handle) => handle.name)).toEqual(['a.json']);
  expect(importing.fault?.message).toBe('large.json is too large.');
  importing.stop();
});

test('leaving the last file out leaves nothing to show', async () => {
  const importing = new Importing();
  importing.add([file]);
  await vi.waitFor(() => expect(importing.preview).not.toBeNull());
  importing.remove('h1');
  expect(importing.preview).toBeNull();
  expect(importing.looking).toBe(false);
});

test('a server takes the place of files, and files that of a server', async () => {
  const server = { address: 'https://stats.example.org/matomo/', token: 'a1b2', all: false };
  const importing = new Importing();
  importing.add([file]);
  await importing.connect(server);
  expect(importing.handles).toEqual([]);
  expect(importing.preview).toEqual(preview);
  expect(asked('importPreview').at(-1)).toEqual({
    handles: [],
    format: 'matomo-server',
    name: '',
    mapping: null,
    server,
  });
  importing.name = 'shop';
  expect(await importing.start()).toEqual(started);
  expect(asked('import')).toEqual([{ handles: [], format: 'matomo-server', name: 'shop', mapping: null, server }]);
  expect(importing.server).toBeNull();
  await importing.connect(server);
  importing.add([file]);
  expect(importing.server).toBeNull();
  expect(importing.handles).toEqual([file]);
  importing.stop();
});

test('a server that refuses leaves what was chosen', async () => {
  const importing = new Importing();
  importing.add([file]);
  await vi.waitFor(() => expect(importing.preview).not.toBeNull());
  answer({
    importPreview: () => {
      throw new Fault('invalid', 'Matomo refuses the token.', 'token');
    },
  });
  await expect(importing.connect({ address: 'https://x.example/', token: 'a', all: false })).rejects.toMatchObject({
    field: 'token',
  });
  expect(importing.server).toBeNull();
  expect(importing.handles).toEqual([file]);
});
