import * as v from 'valibot';

/**
 * Every error that can reach a person, by its stable code. The sentence itself is written where the error happens, with
 * the place and the remedy; this table says what each code stands for.
 */
export const ERROR_CODES = {
  'bad-request': 'A message did not fit its schema.',
  'bad-sender': 'A message came from a frame that is not the console.',
  'unknown-guest': 'A change names a guest that the host does not have.',
  'bad-weight': 'A weight is not a whole number from 0 to 65,535.',
  'bad-balloon-target': "A balloon target is outside the guest's minimum and maximum.",
  'bad-host-size': 'A host is too small for its reserve and what its guests have.',
  'host-not-ready': 'The host thread has not started yet, or has stopped.',
  'host-failed': 'The host thread ended with an error.',
  'history-newer': 'The database was written by a newer version.',
  'history-damaged': 'The database is damaged.',
  'history-missing': 'The database is gone, and there are backups of it.',
  'history-unwritable': 'The database cannot be written (full disk, no permission).',
  'history-locked': 'Another process owns the database.',
  'file-unwritable': 'A file that was asked for cannot be written (full disk, no permission, no such folder).',
  'bad-setting': 'A setting cannot be used as it was given.',
  'bad-range': 'A time range is empty or upside down.',
  'bad-trace': 'A trace file is damaged or of another format.',
  'bad-scenario': 'A scenario does not fit its schema.',
  'in-use': 'What was to be removed or replaced is in use.',
  'bad-argument': 'A command-line argument is wrong.',
  'bad-script': 'A line of an ops script is malformed.',
  'bad-study': 'A study cannot be run as it was asked for.',
  'study-failed': 'The process of a study ended with an error.',
  cancelled: 'The work was cancelled.',
  internal: 'A mistake of the console itself.',
} as const;

export type ErrorCode = keyof typeof ERROR_CODES;

const TEXT_MAX = 2_000;
const cut = (text: string): string => text.slice(0, TEXT_MAX);

/** What a person is told: a stable code, a whole sentence, and what to do where something can be done. */
export const FailureSchema = v.strictObject({
  code: v.picklist(Object.keys(ERROR_CODES) as ErrorCode[]),
  message: v.pipe(v.string(), v.nonEmpty(), v.maxLength(TEXT_MAX)),
  remedy: v.optional(v.pipe(v.string(), v.maxLength(TEXT_MAX))),
});
export type Failure = v.InferOutput<typeof FailureSchema>;

/** The one error class of the product: carries a {@link Failure} across rooms and processes. */
export class ConsoleError extends Error {
  readonly code: ErrorCode;
  readonly remedy: string | undefined;

  constructor(code: ErrorCode, message: string, remedy?: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ConsoleError';
    this.code = code;
    this.remedy = remedy;
  }

  /** The part that may cross the border. */
  toFailure(): Failure {
    const message = cut(this.message);
    return this.remedy === undefined
      ? { code: this.code, message }
      : { code: this.code, message, remedy: cut(this.remedy) };
  }

  /** Any thrown value as a failure; what is not a {@link ConsoleError} becomes `internal` with its message. */
  static failureOf(thrown: unknown): Failure {
    if (thrown instanceof ConsoleError) return thrown.toFailure();
    let message = 'Unknown error.';
    try {
      message = thrown instanceof Error ? thrown.message : String(thrown);
    } catch {
      // An object without a prototype has no text.
    }
    return { code: 'internal', message: cut(message) || 'Unknown error.' };
  }
}
