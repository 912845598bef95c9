import type { AlternativeOutcome, StudyResult } from '#contract/studies.ts';
import type { KeptStudy } from '../../stores/saved-studies.ts';

type Sums = Pick<
  AlternativeOutcome['host'],
  'accesses' | 'cacheHits' | 'precacheHits' | 'diskReads' | 'meanEphemeralPages' | 'error'
>;

/** Counts of a whole study as counts of a second, so that studies of different length stand side by side. */
function aSecond<S extends Sums>(sums: S, seconds: number): S {
  return {
    ...sums,
    accesses: sums.accesses / seconds,
    cacheHits: sums.cacheHits / seconds,
    precacheHits: sums.precacheHits / seconds,
    diskReads: sums.diskReads / seconds,
  };
}

function part(value: number | null, seconds: number): number | null {
  return value === null ? null : value / seconds;
}

/** Several saved studies as one result of a second: all alternatives side by side, each named after its study. */
export function compared(studies: readonly KeptStudy[]): StudyResult {
  return {
    fromMs: 0,
    horizonMs: 1000,
    alternatives: studies.flatMap(({ study, result }) =>
      result.alternatives.map((outcome): AlternativeOutcome => {
        const seconds = result.horizonMs / 1000;
        return {
          ...outcome,
          name: `${study.name}: ${outcome.name}`,
          host: { ...aSecond(outcome.host, seconds), evictions: part(outcome.host.evictions, seconds) },
          guests: outcome.guests.map((guest) => aSecond(guest, seconds)),
          overTime: null,
        };
      }),
    ),
  };
}
