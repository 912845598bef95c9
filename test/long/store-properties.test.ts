import fc from 'fast-check';
import { describe, it } from 'vitest';
import { histories, play } from '../host/tmem/histories.ts';

const RUNS = 10_000;

describe('the store behaves like the plain reference store, step by step, in many histories', () => {
  it.each(['default', 'conformance'] as const)('in %s mode', (mode) => {
    const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 2 ** 31));
    process.stdout.write(`${mode} mode: ${RUNS} histories, SEED=${seed}\n`);
    fc.assert(
      fc.property(histories(mode), ({ beginning, steps }) => play(mode, beginning, steps)),
      { numRuns: RUNS, seed },
    );
  });
});
