import { describe, expect, it } from 'vitest';
import { Host } from '#main/host/host.ts';
import type { HostConfig } from '#main/host/host-config.ts';
import { Random } from '#main/host/random.ts';
import { GUEST, GUEST_WIDTH } from '#main/host/sample-columns.ts';
import { openStart } from '#main/study-process/open-start.ts';
import { runStudy } from '#main/what-if/run-study.ts';
import { verdictsOf } from '#main/what-if/verdicts.ts';
import { randomConfig } from './random-study.ts';

const AT_S = 160;
const HORIZON_S = 20;

/** Guests that always do as much, or whose phases come again after anything but the horizon. */
function configOf(seed: number, isSteady: boolean): HostConfig {
  const random = new Random(seed, 71);
  const config = randomConfig(seed);
  const guests = config.guests.map((guest) => ({
    ...guest,
    pace: {
      ...guest.pace,
      startMs: 0,
      phases: isSteady
        ? [{ ms: 1_000, accessesPerS: 200 }]
        : [
            { ms: 7_000 + random.below(30_000), accessesPerS: 150 + random.below(300) },
            { ms: 7_000 + random.below(30_000), accessesPerS: random.below(60) },
          ],
    },
  }));
  return { ...config, guests };
}

/** A forecast with a heavier first guest beside it, and the disk reads that then happened, by guest and of the host. */
async function forecastAndTruth(config: HostConfig) {
  const horizonMs = HORIZON_S * 1000;
  const start = await openStart(config, { kind: 'scenario', atMs: AT_S * 1000 }, { kind: 'forecast', horizonMs });
  const alternatives = [
    { name: 'as it is', changes: [] },
    { name: 'other', changes: [{ kind: 'weight', guestId: 1, value: 5_000 } as const] },
  ];
  const result = await runStudy({ start, horizonMs, alternatives, engine: 'auto' });
  const host = new Host(config);
  host.runTo(AT_S * 1000);
  host.takeSamples();
  host.runTo((AT_S + HORIZON_S) * 1000);
  const { guests } = host.takeSamples();
  const reads = config.guests.map((_, place) => {
    let sum = 0;
    for (let row = place; row * GUEST_WIDTH < guests.length; row += config.guests.length) {
      sum += guests[row * GUEST_WIDTH + GUEST.diskReads] ?? NaN;
    }
    return sum;
  });
  const [forecast, other] = result.alternatives;
  if (forecast === undefined || other === undefined) throw new Error('No forecast.');
  return { forecast, other, reads };
}

describe('the doubt of a forecast', () => {
  it('covers what happens where phases do not come again by the horizon, which the engine’s error alone does not', async () => {
    let [answers, covered, byEngine] = [0, 0, 0];
    for (let seed = 900; seed < 918; seed++) {
      const { forecast, reads } = await forecastAndTruth(configOf(seed, false));
      forecast.guests.forEach(({ diskReads, error, accesses, doubtReads }, place) => {
        const off = Math.abs(diskReads - (reads[place] ?? NaN));
        answers++;
        if (off <= error * accesses) byEngine++;
        if (off <= error * accesses + (doubtReads ?? NaN)) covered++;
      });
    }
    const said = `seeds 900 to 917: ${covered} of ${answers} covered, ${byEngine} by the error of the engine`;
    expect(covered / answers, said).toBeGreaterThanOrEqual(0.95);
    expect(byEngine / answers, said).toBeLessThan(0.5);
  });

  it('is small where guests go on as they did, and comparisons of alternatives are left as sharp as they are', async () => {
    const parts: number[] = [];
    let [answers, covered] = [0, 0];
    for (let seed = 900; seed < 906; seed++) {
      const { forecast, other, reads } = await forecastAndTruth(configOf(seed, true));
      forecast.guests.forEach(({ diskReads, accesses, doubtReads }, place) => {
        answers++;
        if (Math.abs(diskReads - (reads[place] ?? NaN)) <= (doubtReads ?? NaN)) covered++;
        parts.push((doubtReads ?? NaN) / accesses);
      });
      expect(verdictsOf(other, forecast)).not.toContain('unsure');
      const isDoubt = ({ text }: { text: string }) => text.startsWith('guests do again');
      expect(other.assumptions.filter(isDoubt), 'said once, word for word').toEqual(
        forecast.assumptions.filter(isDoubt),
      );
      expect(forecast.assumptions.filter(isDoubt)).toHaveLength(1);
    }
    const [median] = parts.sort((a, b) => a - b).slice(parts.length >> 1);
    expect(median, `seeds 900 to 905: ${covered} of ${answers} covered`).toBeLessThan(0.1);
    expect(covered / answers).toBeGreaterThanOrEqual(0.9);
  });
});
