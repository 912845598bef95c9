import fc from 'fast-check';
import { describe, it } from 'vitest';
import { histories, play } from './histories.ts';

/** Fresh histories each time; a failure prints its seed, and the shortest history that fails. */
const RUNS = 300;

describe('the store behaves like the plain reference store, step by step', () => {
  it.each(['default', 'conformance'] as const)('in %s mode', (mode) => {
    fc.assert(
      fc.property(histories(mode), ({ beginning, steps }) => play(mode, beginning, steps)),
      { numRuns: RUNS },
    );
  });
});
