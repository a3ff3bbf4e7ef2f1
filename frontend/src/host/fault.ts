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
  if (cause instanceof Error) return told(cause.message);
  if (typeof cause === 'string') return told(cause);
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
  return new Fault('internal', '');
}

/** Wails rejects with an Error that holds text only: what Go said, as JSON, or words of its own. */
function told(text: string): Fault {
  try {
    const said: unknown = JSON.parse(text);
    if (typeof said === 'object') return toFault(said);
  } catch {
    // Words.
  }
  return new Fault('internal', text);
}
