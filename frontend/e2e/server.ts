// The real program for browser tests: a data directory of its own, its command line,
// its server on a free port. ACTIVITYLOG_BINARY names the binary (make e2e sets it).
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const binary = resolve(
  process.env['ACTIVITYLOG_BINARY'] ?? join(import.meta.dirname, '../../build/bin/activitylog-server'),
);

/** The first super user of a prepared log. */
export const superUser = {
  login: 'ann',
  email: 'ann@example.org',
  name: 'Ann Archer',
  password: 'four calm otters rowing',
};

export interface Done {
  status: number;
  out: string;
  err: string;
}

/** A data directory with a program that uses it. */
export class Log {
  private server: ChildProcess | undefined;
  private said = '';

  private constructor(
    readonly data: string,
    private readonly env: Record<string, string>,
  ) {}

  /** Makes an empty data directory. */
  static async make(env: Record<string, string> = {}): Promise<Log> {
    return new Log(await mkdtemp(join(tmpdir(), 'activitylog-e2e-')), env);
  }

  /** Makes a log that has its super user already. */
  static async withSuperUser(env: Record<string, string> = {}): Promise<Log> {
    const log = await Log.make(env);
    const { login, email, name, password } = superUser;
    const args = ['init', '--login', login, '--email', email, '--name', name, '--password-stdin'];
    await log.must(args, `${password}\n`);
    return log;
  }

  /** Runs one command line to its end. */
  run(args: string[], input = '', cwd?: string): Promise<Done> {
    const child = this.spawn(args, cwd);
    const done: Done = { status: -1, out: '', err: '' };
    child.stdout?.on('data', (data: Buffer) => (done.out += data.toString()));
    child.stderr?.on('data', (data: Buffer) => (done.err += data.toString()));
    child.stdin?.end(input);
    return new Promise((resolve, reject) => {
      child.on('error', reject);
      child.on('close', (status) => resolve({ ...done, status: status ?? -1 }));
    });
  }

  /** Runs one command line that has to succeed, and returns its output. */
  async must(args: string[], input = '', cwd?: string): Promise<string> {
    const done = await this.run(args, input, cwd);
    if (done.status !== 0) throw new Error(`activitylog ${args.join(' ')}: status ${done.status}: ${done.err}`);
    return done.out;
  }

  /** Adds a user. */
  async addUser(login: string, password: string, level = 'view'): Promise<void> {
    const args = ['user', 'add', login, '--email', `${login}@example.org`, '--level', level, '--password-stdin'];
    await this.must(args, `${password}\n`);
  }

  /** Records drafts, one JSON object each. */
  async record(drafts: object[]): Promise<void> {
    await this.must(['record', '-'], drafts.map((draft) => JSON.stringify(draft)).join('\n'));
  }

  /** Serves on a free port and returns the address it prints. */
  serve(...args: string[]): Promise<string> {
    const child = this.spawn(['serve', '--listen', '127.0.0.1:0', ...args]);
    this.server = child;
    let out = '';
    child.stderr?.on('data', (data: Buffer) => (this.said += data.toString()));
    return new Promise((resolve, reject) => {
      child.stdout?.on('data', (data: Buffer) => {
        out += data.toString();
        const url = /^(http:\/\/\S+)\n/m.exec(out)?.[1];
        if (url !== undefined) resolve(url);
      });
      child.on('error', reject);
      child.on('exit', (status) => reject(new Error(`serve ended with ${status ?? 'a signal'}: ${this.said}`)));
    });
  }

  /** What the server wrote to its error output so far. */
  get errors(): string {
    return this.said;
  }

  /** The server's process, for tests that watch it from outside. */
  get pid(): number | undefined {
    return this.server?.pid;
  }

  /** Ends the server, if it runs. The data stays. */
  async stop(): Promise<void> {
    const child = this.server;
    this.server = undefined;
    if (!child || child.exitCode !== null) return;
    const ended = new Promise((resolve) => child.once('close', resolve));
    child.kill('SIGTERM');
    await ended;
  }

  /** Ends the server and forgets the data. */
  async remove(): Promise<void> {
    await this.stop();
    await rm(this.data, { recursive: true, force: true });
  }

  private spawn(args: string[], cwd = process.cwd()): ChildProcess {
    return spawn(binary, args, {
      cwd,
      env: { ...process.env, ...this.env, ACTIVITYLOG_DATA: this.data },
    });
  }
}
