import type { WidgetView } from '../host';

/** Why a widget shows nothing. */
export type Problem = 'token' | 'ended' | 'refused' | 'query' | 'offline';

/** The parts of a widget's address. */
export interface Place {
  id: string;
  token: string;
}

/** Reads /widget/<id>#token=…; what is not there is "". */
export function placeOf(at: { pathname: string; hash: string }): Place {
  const id = /^\/widget\/([A-Z2-7]+)$/.exec(at.pathname)?.[1] ?? '';
  const token = new URLSearchParams(at.hash.replace(/^#/, '')).get('token') ?? '';
  return { id, token };
}

const problems: Record<number, Problem> = { 400: 'query', 401: 'ended', 403: 'refused', 404: 'ended' };

/** Asks for what a widget shows. The token is in a header and in no address. */
export class Answers {
  constructor(
    private readonly place: Place,
    private readonly fetch: typeof window.fetch,
  ) {}

  async next(): Promise<WidgetView | Problem> {
    if (this.place.token === '') return 'token';
    let answer: Response;
    try {
      answer = await this.fetch('/api/v1/widget', {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${this.place.token}` },
        body: JSON.stringify({ id: this.place.id }),
        credentials: 'omit',
        redirect: 'error',
      });
      if (answer.ok) return (await answer.json()) as WidgetView;
    } catch {
      return 'offline';
    }
    return problems[answer.status] ?? 'offline';
  }
}
