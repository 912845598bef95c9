import fc from 'fast-check';
import { expect } from 'vitest';
import { PolicyRun } from '#main/host/replay/policy-run.ts';
import { replayPool } from '#main/host/replay/pool-replay.ts';
import { ShareRun } from '#main/host/replay/share-run.ts';
import { ShareTreeRun } from '#main/host/replay/share-tree-run.ts';
import { buildTape } from '#main/host/replay/tape.ts';
import { POLICY_NAMES } from '#main/host/tmem/policies/index.ts';
import { compactTrace } from './compact.ts';
import { plainReplay } from './reference.ts';

/** Runs that stay in a small range for a while, as programs do, with gaps of up to some seconds between them. */
const accesses = fc
  .array(
    fc.record({
      base: fc.nat(30),
      span: fc.integer({ min: 1, max: 12 }),
      steps: fc.array(fc.nat(11), { maxLength: 25 }),
      gapUs: fc.oneof(fc.nat(1000), fc.nat(4_000_000)),
    }),
    { maxLength: 12 },
  )
  .map((runs) => {
    const pages: number[] = [];
    const timesUs: number[] = [];
    let now = 0;
    for (const { base, span, steps, gapUs } of runs) {
      now += gapUs;
      for (const step of steps) {
        pages.push(base + (step % span));
        timesUs.push(now);
        now += step;
      }
    }
    return { pages, timesUs };
  });

const guest = fc
  .tuple(accesses, fc.nat(12), fc.oneof(fc.constantFrom(0, 1, 100, 65_535), fc.nat(300)))
  .map(([trace, ramPages, weight]) => ({ ...trace, ramPages, weight }));

const scenario = fc.record({
  guests: fc.array(guest, { minLength: 1, maxLength: 5 }),
  poolPages: fc.oneof(fc.nat(8), fc.nat(60)),
  policy: fc.constantFrom(...POLICY_NAMES),
  interleave: fc.constantFrom('time' as const, 'round-robin' as const),
  idleTax: fc.constantFrom(0, 0, 0.5, 0.75, 0.999),
});

/** The fast replays against the plain one: each policy, both interleavings, with and without the special ways to play. */
export function checkAgainstReference(parameters: fc.Parameters<unknown>): void {
  fc.assert(
    fc.property(scenario, ({ guests, poolPages, policy, interleave, idleTax }) => {
      const tape = buildTape(
        guests.map(({ pages, timesUs, ramPages }) => ({ trace: compactTrace(pages, timesUs), ramPages })),
        interleave,
      );
      const weights = guests.map(({ weight }) => weight);
      const setting = { poolPages, policy, weights, idleTaxPermille: Math.round(idleTax * 1000) };
      const expected = plainReplay({ guests, poolPages, policy, interleave, idleTax });
      expect(replayPool(tape, [setting])).toEqual([expected]);
      expect(replayPool(tape, [setting, setting], (...parts) => new PolicyRun(...parts))[1]).toEqual(expected);
      if (policy !== 'max-over-share' || idleTax > 0) return;
      expect(replayPool(tape, [setting], (...parts) => new ShareTreeRun(...parts))).toEqual([expected]);
      expect(replayPool(tape, [setting], (...parts) => new ShareRun(...parts))).toEqual([expected]);
    }),
    parameters,
  );
}
