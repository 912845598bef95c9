import * as v from 'valibot';
import { GuestName, whole } from '../../fields.ts';
import { check } from '../checks.ts';
import type { ClaimRun } from '../claim-run.ts';
import { AS_IS, type MeasureKind } from '../measure-kind.ts';
import { distinct, fileUses } from '../theory.ts';

/** What a scenario file says of it. */
export const OnePlaceSchema = v.strictObject({
  kind: v.literal('one-place'),
  reader: v.pipe(GuestName, v.description('Reads files, and is evicted nothing.')),
  looker: v.pipe(GuestName, v.description('Reads over anonymous pages that it swapped out.')),
  writer: v.pipe(GuestName, v.description('Writes over them.')),
  allocatedPages: v.pipe(whole(1, 1 << 24), v.description('Anonymous pages of the looker and of the writer.')),
});

/** Each page is in one place, but for second copies in preswap, which are counted. */
export const onePlace: MeasureKind<v.InferOutput<typeof OnePlaceSchema>> = {
  variants: () => [],
  guests: ({ reader, looker, writer }) => [reader, looker, writer],
  measure({ reader, looker, writer, allocatedPages }, runs) {
    const run = runs(AS_IS);
    const ofSwappers = [looker, writer].flatMap((name) => {
      const copies = run.course(name, 'preswapDuplicates');
      const there = pagesThere(run, name);
      const most = name === looker ? run.configOf(name).ramPages : 0;
      return [
        check(`second copies of ${name}, at most in any second`, Math.max(...copies), 'at-most', most),
        check(`pages of ${name}, at most in any second`, Math.max(...there), 'at-most', allocatedPages),
        check(`pages of ${name} at the end`, there.at(-1) ?? NaN, 'exactly', allocatedPages),
        check(`pages of ${name} on the swap disk`, run.guest(name).swapOuts, 'exactly', 0),
      ];
    });
    return {
      checks: [
        check(`pages of ${reader} in two places or none, in any second`, misplaced(run, reader), 'exactly', 0),
        ...ofSwappers,
        check(`second copies of ${looker} at the end`, run.guest(looker).preswapDuplicates, 'above', 0),
      ],
      table: {
        head: ['guest', 'pages in RAM', 'precache', 'preswap', 'second copies', 'different pages'],
        rows: [reader, looker, writer].map((name) => {
          const { anonPages, ramPages, ephemeralPages, persistentPages, preswapDuplicates } = run.guest(name);
          const inRam = name === reader ? ramPages : anonPages;
          const different = inRam + ephemeralPages + persistentPages - preswapDuplicates;
          return [name, inRam, ephemeralPages, persistentPages, preswapDuplicates, different];
        }),
      },
    };
  },
};

/** By how many pages the cache of a reader and its pool together differ, at their worst, from the pages read so far. */
function misplaced(run: ClaimRun, name: string): number {
  const reader = run.configOf(name);
  const { pages } = fileUses(reader, run.config.seed, run.guest(name).accesses);
  const ephemeral = run.course(name, 'ephemeralPages');
  let done = 0;
  const errors = run.course(name, 'accesses').map((count, second) => {
    done += count;
    const read = distinct(pages.subarray(0, done));
    // Its page cache is full from the first second on.
    return Math.abs(Math.min(reader.ramPages, read) + (ephemeral[second] ?? NaN) - read);
  });
  return Math.max(...errors);
}

/** Different pages of a guest that swaps, second by second. */
function pagesThere(run: ClaimRun, name: string): number[] {
  const inPreswap = run.course(name, 'persistentPages');
  const copies = run.course(name, 'preswapDuplicates');
  return run
    .course(name, 'anonPages')
    .map((inRam, second) => inRam + (inPreswap[second] ?? NaN) - (copies[second] ?? NaN));
}
