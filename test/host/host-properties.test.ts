import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Host } from '#main/host/host.ts';
import type { HostConfig } from '#main/host/host-config.ts';
import { GUEST, GUEST_WIDTH, HOST, HOST_WIDTH } from '#main/host/sample-columns.ts';
import type { SampleBatch } from '#main/host/sample-batch.ts';
import { decodeSnapshot, encodeSnapshot } from '#main/host/state-codec.ts';
import { hostConfigs } from './random-config.ts';

const END_MS = 4_000;

/** Balloon targets at odd times, the same in every run. */
function command(host: Host, config: HostConfig, turn: number): void {
  const guest = config.guests[turn % config.guests.length];
  if (guest === undefined) return;
  const span = guest.maxPages - guest.minPages + 1;
  if (turn % 3 === 0) host.setBalloonTarget(guest.id, guest.minPages + ((turn * 31) % span));
  else if (turn % 3 === 1) host.setFrozen(guest.id, turn % 2 === 0);
  else host.setCap(guest.id, turn % 2 === 0 ? Infinity : turn);
}
const COMMANDS_MS = [130, 700, 1_450, 1_999, 2_000, 2_730, 3_100, 3_600];

const rowsOf = (batches: readonly SampleBatch[]): unknown =>
  (['host', 'guests', 'evictions', 'evictionSamples'] as const).map((part) =>
    batches.flatMap((batch) => Array.from(batch[part])),
  );

describe('a host with guests of all kinds', () => {
  it('gives the same state and samples however it is cut, saved and restored on the way', () => {
    fc.assert(
      fc.property(
        hostConfigs,
        fc.array(fc.record({ ms: fc.integer({ min: 1, max: 900 }), restored: fc.boolean() }), { minLength: 1 }),
        (config, cuts) => {
          const whole = new Host(config);
          let cut = new Host(config);
          const cutBatches: SampleBatch[] = [];
          let at = 0;
          [...COMMANDS_MS, END_MS].forEach((ms, turn) => {
            whole.runTo(ms);
            while (cut.hostMs < ms) {
              const { ms: step, restored } = cuts[at++ % cuts.length] ?? { ms: END_MS, restored: false };
              cut.runTo(Math.min(ms, cut.hostMs + step));
              if (!restored) continue;
              cutBatches.push(cut.takeSamples());
              const other = new Host(config);
              other.restore(decodeSnapshot(encodeSnapshot(cut.snapshot())));
              cut = other;
            }
            command(whole, config, turn);
            command(cut, config, turn);
          });
          expect(cut.digest()).toBe(whole.digest());
          expect(rowsOf([...cutBatches, cut.takeSamples()])).toEqual(rowsOf([whole.takeSamples()]));
        },
      ),
      { numRuns: 60 },
    );
  });

  it('accounts for every page at every step', () => {
    fc.assert(
      fc.property(hostConfigs, (config) => {
        const host = new Host(config);
        for (let ms = 50, turn = 0; ms <= END_MS; ms += 50) {
          host.runTo(ms);
          if (COMMANDS_MS.includes(ms)) command(host, config, turn++);
          const { guests, ...memory } = host.readings();
          expect(memory.fallowPages).toBeGreaterThanOrEqual(0);
          const ram = guests.reduce((sum, { ramPages }) => sum + ramPages, 0);
          expect(memory.reservedPages + ram + memory.ephemeralPages + memory.persistentPages + memory.fallowPages).toBe(
            memory.totalPages,
          );
          if (config.content?.packs === true) {
            // What the account of contents knows is what memory is taken; each guest's persistent pools begin a page of their own.
            const bytes = host.storedBytes ?? NaN;
            const taken = memory.ephemeralPages + memory.persistentPages;
            expect(taken).toBeGreaterThanOrEqual(Math.ceil(bytes / 4_096));
            expect(taken).toBeLessThanOrEqual(Math.ceil(bytes / 4_096) + guests.length);
          }
          for (const { ramPages, cachePages, anonPages, dirtyPages, committedPages, ...guest } of guests) {
            expect(cachePages + anonPages).toBeLessThanOrEqual(ramPages);
            expect(dirtyPages).toBeLessThanOrEqual(cachePages);
            // Packed pages take less memory than there are of them.
            if (config.content?.packs === true) expect(guest.persistentPages).toBeLessThanOrEqual(guest.preswapPages);
            else expect(guest.preswapPages).toBe(guest.persistentPages);
            expect(committedPages).toBeGreaterThanOrEqual(anonPages);
          }
        }
      }),
      { numRuns: 60 },
    );
  });

  it('samples what its columns say', () => {
    fc.assert(
      fc.property(hostConfigs, (config) => {
        const host = new Host(config);
        host.runTo(END_MS);
        const { host: hostRows, guests, seconds } = host.takeSamples();
        const count = config.guests.length;
        for (let second = 0; second < seconds; second++) {
          const value = (place: number, column: keyof typeof GUEST): number =>
            guests[(second * count + place) * GUEST_WIDTH + GUEST[column]] ?? NaN;
          const sum = (column: keyof typeof GUEST): number =>
            config.guests.reduce((total, _, place) => total + value(place, column), 0);
          const ofHost = (column: keyof typeof HOST): number => hostRows[second * HOST_WIDTH + HOST[column]] ?? NaN;
          config.guests.forEach((_, place) => {
            const missed = value(place, 'precacheHits') + value(place, 'diskReads');
            expect(value(place, 'precacheGets')).toBeGreaterThanOrEqual(value(place, 'precacheHits'));
            expect(value(place, 'refaults')).toBeLessThanOrEqual(
              missed + value(place, 'flushes') + value(place, 'accesses'),
            );
            expect(value(place, 'stallUs')).toBeLessThanOrEqual(1_000_000);
            const inPreswap = value(place, config.content?.packs === true ? 'swapPages' : 'persistentPages');
            expect(value(place, 'preswapDuplicates')).toBeLessThanOrEqual(inPreswap);
            expect(value(place, 'swapPages')).toBeGreaterThanOrEqual(value(place, 'persistentPages'));
          });
          expect(sum('persistentPages')).toBe(ofHost('persistentPages'));
          if (config.content?.packs === true)
            expect(ofHost('ephemeralPages')).toBeLessThanOrEqual(sum('ephemeralPages'));
          else expect(sum('ephemeralPages')).toBe(ofHost('ephemeralPages'));
          const servers = (config.costs?.disks ?? []).reduce((total, { parallel }) => total + parallel, 0);
          expect(ofHost('diskBusyUs')).toBeLessThanOrEqual(servers * 1_000_000);
        }
      }),
      { numRuns: 40 },
    );
  });
});
