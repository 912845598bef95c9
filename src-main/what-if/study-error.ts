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

/** The error of an engine that does not know what the guests of a host do. */
export function blind(engine: string): StudyError {
  return new StudyError(
    'bad-study',
    `The engine "${engine}" knows guests that read files through plain LRU caches from the start; some of this host write, have anonymous memory, a cache of another kind, a cap, no precache, or contents that are accounted for or packed, or the scenario changes the host by itself.`,
    'Use "full".',
  );
}
