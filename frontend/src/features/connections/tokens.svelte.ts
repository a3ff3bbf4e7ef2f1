import { host, toFault, type Api, type APIToken, type Fault } from '../../host';

/** Whether a token has ended for good: it is kept only so that what it recorded has a name. */
export function ended(token: APIToken): boolean {
  return token.state === 'revoked' || token.state === 'expired';
}

/** The API tokens a person may see. Every change answers with the token as it is then. */
export class Tokens {
  list = $state.raw<readonly APIToken[] | null>(null);
  fault = $state.raw<Fault | null>(null);
  private turn = 0;

  /** Reads all tokens. An answer from before a later call or change is not taken. */
  async load(): Promise<void> {
    const turn = ++this.turn;
    try {
      const { tokens } = await host().call('tokens', {});
      if (turn !== this.turn) return;
      this.list = tokens;
      this.fault = null;
    } catch (cause) {
      if (turn === this.turn) this.fault = toFault(cause);
    }
  }

  /** Makes a token; the secret it answers with is nowhere else. */
  async create(input: Api['createToken']['in']): Promise<Api['createToken']['out']> {
    const made = await host().call('createToken', input);
    this.put((list) => [made.token, ...list.filter((token) => token.id !== made.token.id)]);
    return made;
  }

  async change(id: string, change: Partial<Omit<Api['changeToken']['in'], 'id'>>): Promise<void> {
    this.take(
      await host().call('changeToken', { id, name: null, scopes: null, allowGet: null, expiresAt: null, ...change }),
    );
  }

  async revoke(id: string): Promise<void> {
    this.take(await host().call('revokeToken', { id }));
  }

  private take(changed: APIToken): void {
    this.put((list) => list.map((token) => (token.id === changed.id ? changed : token)));
  }

  private put(change: (list: readonly APIToken[]) => readonly APIToken[]): void {
    if (!this.list) return;
    this.turn++;
    this.list = change(this.list);
  }
}
