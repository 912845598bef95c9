import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Disk } from '#main/host/machine/disk.ts';
import { StateReader, StateWriter } from '#main/host/state.ts';

const NS_PER_S = 1_000_000_000;

/** Requests by absolute time, served first come, first served, by whichever server is free first. */
function served(
  requests: readonly { atNs: number; pages: number }[],
  serviceNs: number,
  nextNs: number,
  servers: number,
) {
  const free = Array.from({ length: servers }, () => 0);
  return requests.map(({ atNs, pages }) => {
    const server = free.indexOf(Math.min(...free));
    const startNs = Math.max(atNs, free[server] ?? 0);
    const doneNs = startNs + serviceNs + (pages - 1) * nextNs;
    free[server] = doneNs;
    return { atNs, startNs, doneNs };
  });
}

describe('a disk', () => {
  it('serves, counts its queue and its busy time like a plain list of requests, over seconds and snapshots', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ gapNs: fc.integer({ min: 0, max: 400_000_000 }), pages: fc.integer({ min: 1, max: 8 }) })),
        fc.constantFrom(1, 2, 5),
        (asked, parallel) => {
          let disk = new Disk({ serviceNs: 300_000_000, nextPageNs: 20_000_000, parallel });
          let atNs = 0;
          const requests = asked.map(({ gapNs, pages }) => ({ atNs: (atNs += gapNs), pages }));
          const expected = served(requests, 300_000_000, 20_000_000, parallel);
          let next = 0;
          for (let second = 0; second < Math.ceil(atNs / NS_PER_S) + 5; second++) {
            const from = second * NS_PER_S;
            const until = from + NS_PER_S;
            for (; (requests[next]?.atNs ?? Infinity) < until; next++) {
              const request = requests[next] ?? { atNs: NaN, pages: NaN };
              expect(disk.request(request.atNs - from, request.pages) + from).toBe(expected[next]?.doneNs);
            }
            const there = expected.slice(0, next);
            expect(disk.queueAt(NS_PER_S)).toBe(there.filter(({ doneNs }) => doneNs > until).length);
            const busy = there.reduce(
              (sum, { startNs, doneNs }) => sum + Math.max(0, Math.min(doneNs, until) - Math.max(startNs, from)),
              0,
            );
            expect(disk.endSecond()).toBe(busy);
            const writer = new StateWriter();
            disk.save(writer);
            disk = new Disk({ serviceNs: 300_000_000, nextPageNs: 20_000_000, parallel });
            disk.restore(new StateReader(writer.entries));
          }
        },
      ),
      { numRuns: 200 },
    );
  });

  it('takes no time where it costs none', () => {
    const disk = new Disk({ serviceNs: 0, nextPageNs: 0, parallel: 1 });
    expect([disk.request(5, 3), disk.request(5, 1), disk.queueAt(5), disk.endSecond()]).toEqual([5, 5, 0, 0]);
  });
});
