import fc from 'fast-check';
import { expect } from 'vitest';
import { XenAssertion } from '#main/host/tmem/assertion.ts';
import type { StoreMode } from '#main/host/tmem/options.ts';
import { POLICY_NAMES } from '#main/host/tmem/policies/index.ts';
import { checkInvariants } from './invariants.ts';
import { OPERATIONS, type Question } from './operations.ts';
import { type Beginning, Pair } from './pair.ts';
import { referenceText } from './reference-listing.ts';
import { RefAbort } from './reference-store.ts';

/** One operation: its name, and small numbers that it makes what it needs of. */
export type Step = readonly [operation: keyof typeof OPERATIONS, ...numbers: number[]];

const number = fc.noBias(fc.nat({ max: 59 }));
const step = (operation: keyof typeof OPERATIONS): fc.Arbitrary<Step> =>
  fc.array(number, { minLength: 5, maxLength: 5 }).map((numbers) => [operation, ...numbers]);

/** How often each operation comes: of a common history, and of one about shared pools and who leaves them. */
const COMMON: Partial<Record<keyof typeof OPERATIONS, number>> = {
  ...{ createDomain: 3, destroyDomain: 1, grow: 2, shrink: 2, setMax: 3, newPool: 4, destroyPool: 2, put: 25, fill: 8 },
  ...{ get: 20, flushPage: 4, flushObject: 2, weight: 3, compress: 1, freeze: 1, authorise: 2, shareAll: 1 },
  ...{ flushMem: 1, evict: 2, cap: 1, limit: 1, resizeHeap: 1, tick: 2 },
};
const SHARING: typeof COMMON = {
  ...{ createDomain: 3, destroyDomain: 3, newPool: 10, destroyPool: 10, put: 20, fill: 6, get: 12, flushPage: 3 },
  ...{ flushObject: 2, weight: 2, authorise: 4, shareAll: 2, evict: 4, setMax: 1, freeze: 1 },
};

const stepsOf = (weights: typeof COMMON): fc.Arbitrary<Step[]> => {
  const operations = Object.keys(weights) as (keyof typeof OPERATIONS)[];
  const choices = operations.map((operation) => ({ weight: weights[operation] ?? 0, arbitrary: step(operation) }));
  return fc.array(fc.oneof(...choices), { maxLength: 160, size: 'max' });
};

/** Three domains, each with a pool of each kind where it may have one: so that few steps are wasted. */
const PROLOGUE: readonly Step[] = [
  ['createDomain', 3, 25, 0, 0, 0],
  ['createDomain', 9, 26, 0, 0, 0],
  ['createDomain', 1, 27, 0, 0, 0],
  ['authorise', 0, 0, 1, 0, 0],
  ['authorise', 1, 0, 1, 0, 0],
  ...[0, 1, 2].flatMap((domain): Step[] => [
    ['newPool', domain, 0, 0, 0, 0],
    ['newPool', domain, 2, 0, 0, 0],
    ['newPool', domain, 4, 0, 0, 0],
  ]),
];

/** Histories for a mode. Conformance mode needs 256 pages free before puts, so heaps there are as much larger. */
export function histories(mode: StoreMode): fc.Arbitrary<{ beginning: Beginning; steps: Step[] }> {
  const base = mode === 'conformance' ? 300 : 45;
  return fc.record({
    beginning: fc.record({
      policy: fc.constantFrom(...POLICY_NAMES),
      taxPermille: fc.constantFrom(0, 500, 750, 999),
      heapPages: fc.integer({ min: 0, max: 70 }).map((pages) => base + pages),
      reservePages: fc.oneof(fc.constant(0), fc.constant(0), fc.nat({ max: mode === 'conformance' ? 340 : 12 })),
      compress: mode === 'conformance' ? fc.integer({ min: 0, max: 4 }).map((n) => n === 0) : fc.constant(false),
    }),
    steps: fc.oneof(stepsOf(COMMON), stepsOf(SHARING)),
  });
}

/**
 * Plays a history on the real store and on the reference, and compares after every step: answers, all that can be seen,
 * and, in default mode, the invariants. In conformance mode both may run into the same assertion of Xen's, and then end.
 */
export function play(mode: StoreMode, beginning: Beginning, history: readonly Step[]): void {
  const pair = new Pair(mode, beginning);
  for (const [operation, ...numbers] of [...PROLOGUE, ...history]) {
    const outcome = attempt(pair, operation, numbers);
    // What Xen does with a pool whose owner it has freed is not defined.
    if (outcome === 'aborted' || pair.reference.hasDeadOwner) return;
    const [real, reference] = [pair.realText(), referenceText(pair.reference)];
    if (real !== reference) expect(real).toBe(reference);
    if (mode === 'default') checkInvariants(pair.real);
  }
}

function attempt(pair: Pair, operation: keyof typeof OPERATIONS, numbers: readonly number[]): 'done' | 'aborted' {
  const [a = 0, b = 0, c = 0, d = 0, e = 0] = numbers;
  const ask: (pair: Pair, ...numbers: number[]) => Question[] = OPERATIONS[operation];
  for (const [real, reference] of ask(pair, a, b, c, d, e)) {
    const answer = answerOf(real);
    expect(answer).toEqual(answerOf(reference));
    if ('abort' in answer) return 'aborted';
  }
  return 'done';
}

function answerOf(question: () => unknown): { answer: unknown } | { abort: string } {
  try {
    return { answer: question() };
  } catch (error) {
    if (error instanceof XenAssertion || error instanceof RefAbort) return { abort: error.message };
    throw error;
  }
}
