import { describe, expect, it } from 'vitest';
import { Host } from '#main/host/host.ts';
import type { HostConfig } from '#main/host/host-config.ts';
import { runStudy } from '#main/what-if/run-study.ts';
import type { Alternative, Engine, StudyStart } from '#main/what-if/study.ts';
import { answerFirst, estimate, explored } from '#main/study-process/estimates.ts';
import { PreparedStudy } from '#main/what-if/prepared-study.ts';
import { smallConfig } from '../host/small-config.ts';
import { traceOf } from '../host/trace-of.ts';
import { takeDiskReads } from './disk-reads.ts';

const HORIZON_MS = 8_000;
const AS_IT_IS: Alternative = { name: 'as it is', changes: [] };
const CAPPED: Alternative = { name: 'capped', changes: [{ kind: 'precache-cap', guestId: 1, pages: 5 }] };
const UNCAPPED: Alternative = { name: 'free', changes: [{ kind: 'precache-cap', guestId: 1, pages: null }] };

/** The small host, but the first guest's loop fits into its RAM and share together: with less it misses every time. */
function config(): HostConfig {
  const small = smallConfig();
  const trace = traceOf(Array.from({ length: 130 }, (_, page) => page));
  return { ...small, guests: small.guests.map((guest) => (guest.id === 1 ? { ...guest, trace } : guest)) };
}

/** Disk reads of each guest of a host with this cap on the first. */
function readsWith(capPages: number): number[] {
  const host = new Host(config());
  host.setCap(1, capPages);
  host.runTo(HORIZON_MS);
  return takeDiskReads(host);
}

async function study(
  engine: Engine | 'auto',
  alternatives: readonly Alternative[],
  start: Partial<StudyStart> = {},
): Promise<{ engines: string[]; reads: number[][]; broken: string[] }> {
  const whole = { config: config(), state: null, ...start };
  const found = (await runStudy({ start: whole, horizonMs: HORIZON_MS, alternatives, engine })).alternatives;
  return {
    engines: found.map((one) => one.engine),
    reads: found.map(({ guests }) => guests.map(({ diskReads }) => diskReads)),
    broken: found.flatMap(({ assumptions }) => assumptions.filter(({ held }) => !held).map(({ text }) => text)),
  };
}

describe('an alternative that caps a guest', () => {
  it('is what a host does whose administrator sets that cap', async () => {
    const { engines, reads } = await study('auto', [AS_IT_IS, CAPPED]);
    expect(engines).toEqual(['distances', 'full']);
    expect(reads).toEqual([readsWith(Infinity), readsWith(5)]);
    expect(readsWith(5)).not.toEqual(readsWith(Infinity));
  });

  it('takes away a cap that there is', async () => {
    const host = new Host(config());
    host.setCap(1, 5);
    const { reads } = await study('auto', [AS_IT_IS, UNCAPPED], { state: host.snapshot() });
    expect(reads).toEqual([readsWith(5), readsWith(Infinity)]);
  });

  it('leaves out a recorded change of the same cap', async () => {
    const commands = [{ hostMs: 1_000, change: { kind: 'precache-cap', guestId: 1, pages: 40 } }] as const;
    const { reads } = await study('auto', [CAPPED], { commands });
    expect(reads).toEqual([readsWith(5)]);
  });

  it.each(['curves', 'distances', 'scaled'] as const)(
    'is handed over to a full run by the engine %s, which says so',
    async (engine) => {
      const { engines, reads, broken } = await study(engine, [AS_IT_IS, CAPPED]);
      expect(engines[1]).toBe('full');
      expect(reads[1]).toEqual(readsWith(5));
      expect(broken).toContain(
        `the engine "${engine}" follows no precache caps, so full runs answer where there is one`,
      );
    },
  );

  it('is refused where the cap is no size, or the guest not there', async () => {
    const cap = (guestId: number, pages: number): Alternative => ({
      name: 'mine',
      changes: [{ kind: 'precache-cap', guestId, pages }],
    });
    await expect(study('auto', [cap(1, 0.5)])).rejects.toThrow('In the alternative "mine": the precache cap 0.5');
    await expect(study('auto', [cap(7, 1)])).rejects.toThrow('there is no guest 7');
  });

  it('is not estimated by curves, which say beside it what they do know', async () => {
    const prepared = new PreparedStudy({ config: config(), state: null }, HORIZON_MS);
    const order = {
      horizonMs: HORIZON_MS,
      engine: 'auto' as const,
      alternatives: [AS_IT_IS, CAPPED].map(({ name, changes }) => ({ name, changes: [...changes] })),
    };
    expect(await estimate(prepared, { ...order, alternatives: order.alternatives.slice(0, 1) })).not.toBeNull();
    expect(await estimate(prepared, order)).toBeNull();
    const first = await answerFirst(prepared, order);
    expect(first?.result.alternatives[1]?.engine).toBe('full');
    expect((await explored(prepared))?.curves).toHaveLength(2);
  });
});
