import { deflateSync, inflateSync } from 'node:zlib';
import * as v from 'valibot';
import { type StudyResult, StudyResultSchema } from '#contract/studies.ts';

/** Fastest: numbers of a simulation hardly compress further. */
const COMPRESSION_LEVEL = 1;
/** Marks a list that was an array of doubles. */
const DOUBLES = 'float64';

/** A result as it is stored: JSON, deflated. */
export function encodeStudyResult(result: StudyResult): Uint8Array {
  const text = JSON.stringify(result, (_, value: unknown) =>
    value instanceof Float64Array ? { [DOUBLES]: Array.from(value) } : value,
  );
  return deflateSync(text, { level: COMPRESSION_LEVEL });
}

/** @throws Error for what is no stored result */
export function decodeStudyResult(stored: Uint8Array): StudyResult {
  const text = inflateSync(stored).toString('utf8');
  return v.parse(
    StudyResultSchema,
    JSON.parse(text, (_, value: unknown) => (isDoubles(value) ? Float64Array.from(value[DOUBLES]) : value)),
  );
}

function isDoubles(value: unknown): value is { readonly [DOUBLES]: readonly number[] } {
  return typeof value === 'object' && value !== null && DOUBLES in value && Array.isArray(value[DOUBLES]);
}
