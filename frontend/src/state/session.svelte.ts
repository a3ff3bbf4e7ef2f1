import { host, type Me, type PreferIn, type Preferences, type Session } from '../host';
import { appearance } from './appearance.svelte';

export type Role = 'none' | 'view' | 'write' | 'admin' | 'super';
const ranks: Role[] = ['none', 'view', 'write', 'admin', 'super'];

/** Who is signed in, what they may do, and their preferences. */
class SessionState {
  /** starting: nobody asked yet; setup: no user exists; out: sign in; in: go on. */
  phase = $state<'starting' | 'setup' | 'out' | 'in' | 'lost'>('starting');
  me = $state.raw<Me | null>(null);
  /** The session ended without the person's doing. */
  expired = $state(false);
  setUpToken = '';

  get user() {
    return this.me?.user ?? null;
  }
  get role(): Role {
    const role = this.me?.role as Role | undefined;
    return role && ranks.includes(role) ? role : 'none';
  }
  get preferences(): Preferences | null {
    return this.me?.preferences ?? null;
  }
  /** Whether the role is this one or a higher one. */
  is(role: Role): boolean {
    return this.phase === 'in' && ranks.indexOf(this.role) >= ranks.indexOf(role);
  }

  /** Asks who is signed in. */
  async start(): Promise<void> {
    this.setUpToken = host().takeSetUpToken() || this.setUpToken;
    try {
      this.take(await host().call('me', {}));
    } catch {
      await this.startSignedOut();
    }
  }

  async signIn(login: string, password: string): Promise<void> {
    this.begin(await host().call('signIn', { login, password }));
  }

  async setUp(input: { login: string; email: string; name: string; password: string }): Promise<void> {
    const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
    const language = appearance.locale;
    this.begin(await host().call('setUp', { ...input, token: this.setUpToken, language, zone }));
  }

  async signOut(everywhere = false): Promise<void> {
    try {
      await host().call('signOut', { everywhere });
    } finally {
      this.end(false);
    }
  }

  async changePassword(current: string, next: string): Promise<void> {
    const answer = await host().call('changePassword', { current, new: next });
    if ('me' in answer) this.begin(answer);
  }

  /**
   * Changes preferences; they show at once and are put back if the program refuses. A language
   * waits for the answer: everything is read anew then, and Go's sentences have to be in it.
   */
  async prefer(change: Partial<PreferIn>): Promise<void> {
    const before = this.me;
    if (!before) return;
    const set = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== null && value !== undefined));
    if (!('language' in set)) this.take({ ...before, preferences: { ...before.preferences, ...set } });
    const none: PreferIn = {
      language: null,
      zone: null,
      theme: null,
      density: null,
      startView: null,
      hideOwn: null,
      singleKeys: null,
      timeForm: null,
      columns: null,
    };
    try {
      const preferences = await host().call('prefer', { ...none, ...change });
      if (this.me) this.take({ ...this.me, preferences });
    } catch (cause) {
      // Where the session ended meanwhile there is nothing to put back.
      if (this.me) this.take(before);
      throw cause;
    }
  }

  /** The session is over. */
  end(expired: boolean): void {
    host().keep(null);
    this.me = null;
    this.expired = expired;
    this.phase = 'out';
  }

  private begin(session: Session): void {
    host().keep(session);
    this.expired = false;
    this.take(session.me);
  }

  private take(me: Me): void {
    this.me = me;
    if (me.user) appearance.follow(me.preferences, '');
    this.phase = me.user ? 'in' : me.ready ? 'out' : 'setup';
  }

  private async startSignedOut(): Promise<void> {
    try {
      const { ready } = await host().call('status', {});
      this.phase = ready ? 'out' : 'setup';
    } catch (cause) {
      const code = (cause as { code?: string }).code;
      this.phase = code === 'unauthenticated' || code === 'denied' ? 'out' : 'lost';
    }
  }
}

export const session = new SessionState();
