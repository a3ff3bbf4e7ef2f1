import { m } from '../../lib/paraglide/messages';
import { session } from '../../state/session.svelte';

/** What a token may be allowed to do, in the order of the log's own list. */
export type Scope = 'read:own' | 'read:all' | 'ingest' | 'widget';

/** A scope in words; `own` says whether the token is the reader's. */
export function scopeLabel(scope: string, own: boolean): string {
  switch (scope) {
    case 'read:own':
      return own ? m.connections_scope_read_own() : m.connections_scope_read_own_of();
    case 'read:all':
      return m.connections_scope_read_all();
    case 'ingest':
      return m.connections_scope_ingest();
    case 'widget':
      return m.connections_scope_widget();
    default:
      return scope;
  }
}

/** The scopes whoever is signed in can give away: nobody gives what they do not have. */
export function offered(): readonly { scope: Scope; hint: string }[] {
  return [
    { scope: 'read:own', hint: m.connections_scope_read_own_hint() },
    ...(session.is('super') ? [{ scope: 'read:all' as const, hint: m.connections_scope_read_all_hint() }] : []),
    ...(session.is('write')
      ? [
          {
            scope: 'ingest' as const,
            hint: session.is('super') ? m.connections_scope_ingest_hint_super() : m.connections_scope_ingest_hint(),
          },
        ]
      : []),
  ];
}
