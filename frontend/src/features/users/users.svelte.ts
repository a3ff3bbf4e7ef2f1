import { host, toFault, type Api, type Fault, type User } from '../../host';
import { fold } from '../../lib/rank';

export type Level = 'none' | 'view' | 'write' | 'admin';
export const levels: readonly Level[] = ['none', 'view', 'write', 'admin'];

/** The site that is this log itself. */
export const thisLog = '1';

/** A user's own level on a site, apart from super user access. */
export function levelOf(user: User, site = thisLog): Level {
  const level = user.access.find((access) => access.site === site)?.level as Level | undefined;
  return level && levels.includes(level) ? level : 'none';
}

/** What a user is called. */
export function nameOf(user: User): string {
  return user.name || user.login;
}

/** The users whose login, name or e-mail contains every word typed. */
export function matching(users: readonly User[], typed: string): readonly User[] {
  const words = fold(typed).split(/\s+/).filter(Boolean);
  if (words.length === 0) return users;
  return users.filter((user) => {
    const text = fold(`${user.login}\n${user.name}\n${user.email}`);
    return words.every((word) => text.includes(word));
  });
}

/** All users, and what super users do to them. Every change answers with the user as it is then. */
export class Users {
  list = $state.raw<readonly User[] | null>(null);
  fault = $state.raw<Fault | null>(null);
  private turn = 0;

  /** Reads all users. An answer from before a later call or change is not taken. */
  async load(): Promise<void> {
    const turn = ++this.turn;
    try {
      const { users } = await host().call('users', {});
      if (turn !== this.turn) return;
      this.list = users;
      this.fault = null;
    } catch (cause) {
      if (turn === this.turn) this.fault = toFault(cause);
    }
  }

  find(id: string): User | undefined {
    return this.list?.find((user) => user.id === id);
  }

  async create(input: { login: string; email: string; name: string; password: string; level: string }): Promise<User> {
    const made = await host().call('createUser', input);
    this.put((list) => [...list.filter((user) => user.id !== made.id), made]);
    return made;
  }

  async change(id: string, change: Partial<Omit<Api['changeUser']['in'], 'id'>>): Promise<void> {
    this.take(
      await host().call('changeUser', { id, email: null, name: null, password: null, disabled: null, ...change }),
    );
  }

  async grantSuper(id: string, to: boolean): Promise<void> {
    this.take(await host().call('grantSuper', { id, super: to }));
  }

  async setLevel(id: string, level: Level, site = thisLog): Promise<void> {
    this.take(await host().call('setAccess', { id, site, level }));
  }

  /** Links an actor to a user, or to none. */
  async link(actor: string, user: string | null): Promise<void> {
    await host().call('linkActor', { actor, user });
    await this.load();
  }

  async remove(id: string): Promise<void> {
    await host().call('removeUser', { id });
    this.put((list) => list.filter((user) => user.id !== id));
  }

  private take(changed: User): void {
    this.put((list) => list.map((user) => (user.id === changed.id ? changed : user)));
  }

  private put(change: (list: readonly User[]) => readonly User[]): void {
    if (!this.list) return;
    this.turn++;
    this.list = change(this.list);
  }
}
