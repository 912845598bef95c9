/** A value of a model's config that it cannot run with. Says which one, and what it may be. */
export class ConfigValueError extends Error {
  readonly code = 'MODEL_CONFIG_VALUE';
  /** Where in the config: "workload.phases[1].ms". */
  readonly place: string;

  constructor(place: string, requirement: string, value: unknown) {
    super(`${place} must be ${requirement}, not ${String(value)}.`);
    this.name = 'ConfigValueError';
    this.place = place;
  }
}

/** @throws ConfigValueError unless `value` is a whole number from `least` to `most` */
export function requireWhole(place: string, value: number, least: number, most: number): void {
  if (!Number.isInteger(value) || value < least || value > most) {
    throw new ConfigValueError(place, `a whole number from ${least} to ${most}`, value);
  }
}

/** @throws ConfigValueError unless `value` is a number from `least` to `most` */
export function requireNumber(place: string, value: number, least: number, most: number): void {
  // Put so that NaN is refused too.
  if (!(value >= least && value <= most)) {
    throw new ConfigValueError(place, `a number from ${least} to ${most}`, value);
  }
}
