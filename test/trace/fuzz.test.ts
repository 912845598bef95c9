import { expect, it } from 'vitest';
import { TRACE_FORMATS } from '#main/trace/registry.ts';
import { fuzzReader } from './fuzz.ts';

it.each(TRACE_FORMATS.map(({ name }) => name))(
  'reads a damaged or made-up file of the format %s as a valid trace or says where it is wrong',
  async (format) => {
    // fast-check prints the seed of a run that fails.
    const { traces, errors } = await fuzzReader(format, { numRuns: 300 });
    // Both must be common, or the files are not what they should be. The rarest are whole CSV files: 36 of 300 expected.
    expect(traces).toBeGreaterThan(10);
    expect(errors).toBeGreaterThan(10);
  },
);
