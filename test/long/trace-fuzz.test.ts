import { expect, it } from 'vitest';
import { TRACE_FORMATS } from '#main/trace/registry.ts';
import { fuzzReader } from '../trace/fuzz.ts';

it.each(TRACE_FORMATS.map(({ name }) => name))(
  'reads 20,000 damaged or made-up files of the format %s as valid traces or says where they are wrong',
  async (format) => {
    const seed = Math.floor(Math.random() * 2 ** 31);
    process.stderr.write(`trace fuzz: ${format}, seed ${seed}\n`);
    const { traces, errors } = await fuzzReader(format, { numRuns: 20_000, seed });
    process.stderr.write(`trace fuzz: ${format}, ${traces} traces, ${errors} located errors\n`);
    expect(traces + errors).toBeGreaterThanOrEqual(20_000);
  },
);
