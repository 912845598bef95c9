import { expect, it } from 'vitest';
import { fuzzReaders } from './fuzz.ts';

it('reads a damaged or made-up file as a valid trace or says where it is wrong', async () => {
  const { traces, errors } = await fuzzReaders({ numRuns: 600 });
  // Both must be common, or the files are not what they should be.
  expect(traces).toBeGreaterThan(60);
  expect(errors).toBeGreaterThan(60);
});
