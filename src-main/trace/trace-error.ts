/** Why a trace could not be read: `bad-trace` (damaged, of another format, unreadable) or `cancelled`. */
type TraceErrorCode = 'bad-trace' | 'cancelled';

/** A trace that cannot be read: a whole sentence with the place (line or byte offset), and what to do about it. */
export class TraceError extends Error {
  readonly code: TraceErrorCode;
  readonly remedy: string | undefined;

  constructor(code: TraceErrorCode, message: string, remedy?: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'TraceError';
    this.code = code;
    this.remedy = remedy;
  }
}

/**
 * What a decoder says about one bad record. It knows the reason but not the file; whoever cuts the records out of the
 * stream adds the place and turns it into a {@link TraceError}.
 */
export class BadRecord extends Error {
  readonly remedy: string | undefined;

  constructor(reason: string, remedy?: string) {
    super(reason);
    this.name = 'BadRecord';
    this.remedy = remedy;
  }
}
