import { expect, it } from 'vitest';
import { fuzzReaders } from '../trace/fuzz.ts';

it('reads 20,000 damaged or made-up files as valid traces or says where they are wrong', async () => {
  const seed = Math.floor(Math.random() * 2 ** 31);
  process.stderr.write(`trace fuzz: seed ${seed}\n`);
  const { traces, errors } = await fuzzReaders({ numRuns: 20_000, seed });
  process.stderr.write(`trace fuzz: ${traces} traces, ${errors} located errors\n`);
  expect(traces + errors).toBeGreaterThanOrEqual(20_000);
});
