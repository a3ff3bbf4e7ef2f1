/** The codes of backend/fault, and `offline` for a server that does not answer. */
export type Code =
  | 'invalid'
  | 'unauthenticated'
  | 'denied'
  | 'not_found'
  | 'conflict'
  | 'unavailable'
  | 'internal'
  | 'offline'
  | 'aborted';

const codes = new Set<string>([
  'invalid',
  'unauthenticated',
  'denied',
  'not_found',
  'conflict',
  'unavailable',
  'internal',
]);

/** A failure that can be shown: the message says what was wrong and what to do. */
export class Fault extends Error {
  override readonly name = 'Fault';

  constructor(
    readonly code: Code,
    message: string,
    /** The input at fault, or "". */
    readonly field = '',
  ) {
    super(message);
  }
}

/** Makes a Fault of anything thrown or answered; what is not ours becomes `internal`. */
export function toFault(cause: unknown): Fault {
  if (cause instanceof Fault) return cause;
  if (cause instanceof DOMException && cause.name === 'AbortError') return new Fault('aborted', '');
  if (typeof cause === 'string') {
    // Wails hands errors on as text where no formatter is set.
    try {
      return toFault(JSON.parse(cause) as unknown);
    } catch {
      return new Fault('internal', cause);
    }
  }
  if (typeof cause === 'object' && cause !== null && 'code' in cause) {
    const { code, message, field } = cause as { code: unknown; message?: unknown; field?: unknown };
    if (typeof code === 'string' && codes.has(code)) {
      return new Fault(
        code as Code,
        typeof message === 'string' ? message : '',
        typeof field === 'string' ? field : '',
      );
    }
  }
  return new Fault('internal', cause instanceof Error ? cause.message : '');
}
