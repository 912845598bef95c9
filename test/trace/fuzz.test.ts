import { expect, it } from 'vitest';
import { TRACE_FORMATS } from '#main/trace/registry.ts';
import { fuzzReader } from './fuzz.ts';

it.each(TRACE_FORMATS.map(({ name }) => name))(
  'reads a damaged or made-up file of the format %s as a valid trace or says where it is wrong',
  async (format) => {
    // fast-check prints the seed of a run that fails.
    const { traces, errors } = await fuzzReader(format, { numRuns: 300 });
    // Both must be common, or the files are not what they should be.
    expect(traces).toBeGreaterThan(30);
    expect(errors).toBeGreaterThan(30);
  },
);
