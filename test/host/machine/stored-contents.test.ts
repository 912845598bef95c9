import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { StoredContents } from '#main/host/machine/stored-contents.ts';
import { StateReader, StateWriter } from '#main/host/state.ts';
import { hostOf, observe, scripted, sweep } from '../scripted-host.ts';
import { FILE_READ } from '#main/host/workload/workload.ts';

const GUESTS = 3;
/** Contents of the classes incompressible, dense and zero. */
const CONTENTS = [
  [1, 0],
  [2, 0x4000_0000],
  [0, 0xc000_0000],
  [3, 0x4001_0000],
] as const;

describe('the account of stored contents', () => {
  it('knows at every moment whose pages are shared and compressed', () => {
    const step = fc.record({
      comes: fc.boolean(),
      owner: fc.nat(GUESTS - 1),
      content: fc.nat(CONTENTS.length - 1),
      isEviction: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        let contents = new StoredContents(GUESTS, 'lz4', true);
        const stored: { owner: number; content: number }[] = [];
        for (const { comes, owner, content, isEviction } of steps) {
          const [lo, hi] = CONTENTS[content] ?? [0, 0];
          if (comes) {
            stored.push({ owner, content });
            contents.caller = owner;
            contents.stored(lo, hi);
          } else {
            const place = stored.findIndex((page) => page.content === content && page.owner === owner);
            if (place < 0) continue;
            stored.splice(place, 1);
            // Somebody else's put may evict it.
            contents.caller = isEviction ? (owner + 1) % GUESTS : owner;
            if (isEviction) contents.evicting(owner);
            contents.removed(lo, hi);
          }
          const count = (of: number): number => stored.filter((page) => page.content === of).length;
          const own = (guest: number, wanted: (content: number) => boolean): number =>
            stored.filter((page) => page.owner === guest && wanted(page.content)).length;
          const guests = Array.from({ length: GUESTS }, (_, guest) => guest);
          expect([...contents.sharedPages]).toEqual(guests.map((guest) => own(guest, (of) => count(of) > 1)));
          expect([...contents.compressedPages]).toEqual(guests.map((guest) => own(guest, (of) => of !== 0)));
          const writer = new StateWriter();
          contents.save(writer);
          contents = new StoredContents(GUESTS, 'lz4', true);
          contents.restore(new StateReader(writer.entries));
        }
      }),
      { numRuns: 100 },
    );
  });

  it('finds the pages of a common system image shared, until they are no longer stored', () => {
    const content = {
      filePermille: [1000, 0, 0, 0] as const,
      anonPermille: [1000, 0, 0, 0] as const,
      imagePages: 100,
      image: 7,
    };
    const clone = (id: number) => scripted(id, sweep(FILE_READ, 0, 200), { content, ramPages: 10 });
    const host = hostOf([clone(1), clone(2)], 1_000, { content: { compressor: null, deduplicate: true } });
    const seen = observe(host, 1_000);
    // 190 pages of each are in precache, the hundred of the image twice.
    expect([seen.last('sharedPages', 0), seen.last('sharedPages', 1)]).toEqual([100, 100]);
    expect(seen.hostEach('sharedPages')).toEqual([200]);
    host.removeGuest(2);
    expect(observe(host, 1_000).last('sharedPages')).toBe(0);
  });

  it('has compression cost time where operations do', () => {
    const content = {
      filePermille: [0, 1000, 0, 0] as const,
      anonPermille: [0, 1000, 0, 0] as const,
      imagePages: 0,
      image: 0,
    };
    const guest = scripted(1, [...sweep(FILE_READ, 0, 100), ...sweep(FILE_READ, 0, 50)], { content, ramPages: 10 });
    const costs = {
      cpu: { hypercallNs: 1_000, copyNs: 1_000, cores: 1 },
      disks: [{ serviceNs: 0, nextPageNs: 0, parallel: 1 }],
    };
    const of = (compressor: 'lz4' | null) =>
      observe(hostOf([guest], 500, { costs, content: { compressor, deduplicate: false } }), 1_000);
    const plain = of(null);
    const compressed = of('lz4');
    expect(compressed.last('compressedPages')).toBe(plain.last('ephemeralPages'));
    // 140 puts at 6 µs, 50 gets at 1.2 µs.
    expect(compressed.sum('tmemCpuUs') - plain.sum('tmemCpuUs')).toBe(140 * 6 + 60);
  });
});
