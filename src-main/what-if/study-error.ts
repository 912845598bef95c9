/** A study that cannot be run as it was asked for, or was cancelled. */
export class StudyError extends Error {
  override readonly name = 'StudyError';
  readonly code: 'bad-study' | 'cancelled';
  /** What to do about it, where something can be done. */
  readonly remedy: string | undefined;

  constructor(code: 'bad-study' | 'cancelled', message: string, remedy?: string) {
    super(message);
    this.code = code;
    this.remedy = remedy;
  }
}
