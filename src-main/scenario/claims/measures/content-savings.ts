import * as v from 'valibot';
import { GuestName, numberFrom, whole } from '../../fields.ts';
import { check, type Measured } from '../checks.ts';
import type { ClaimRun } from '../claim-run.ts';
import { AS_IS, type MeasureKind, type Runs, VariantName } from '../measure-kind.ts';

const PAGE_BYTES = 4_096;
const MS_PER_S = 1_000;

/** What a scenario file says of it. */
export const ContentSavingsSchema = v.strictObject({
  kind: v.literal('content-savings'),
  clones: v.pipe(v.array(GuestName), v.length(2), v.description('Two guests that read one image in step.')),
  imagePages: v.pipe(whole(1, 1 << 24), v.description('Pages of the image.')),
  pageBytes: v.pipe(whole(1, 4_096), v.description('Bytes of one compressed page.')),
  factor: v.pipe(numberFrom(1, 1_000), v.description('Pages stored over pages of memory that they need.')),
  atS: v.pipe(whole(1, 86_400), v.description('When they are counted: the end of the run.')),
  really: v.optional(
    v.pipe(
      v.strictObject({
        packed: v.pipe(
          VariantName,
          v.description('The variant whose store packs its pages, in as little memory as will do.'),
        ),
        unpacked: v.pipe(VariantName, v.description('The variant with the same memory, and accounts only.')),
      }),
      v.description('What comes of it where the store really packs.'),
    ),
  ),
});
type ContentSavings = v.InferOutput<typeof ContentSavingsSchema>;

/** What equal pages of clones, stored once and compressed, would need; and that no more memory does where they really are. */
export const contentSavings: MeasureKind<ContentSavings> = {
  variants: ({ really }) => (really === undefined ? [] : [really.packed, really.unpacked]),
  probesMs: ({ atS }) => [atS * MS_PER_S],
  guests: ({ clones }) => clones,
  measure(claim, runs) {
    const { clones, imagePages, pageBytes, factor, atS } = claim;
    const run = runs(AS_IS);
    const { sharedPages, compressedPages, ephemeralPages } = run.host;
    const left = leftOf(claim, run);
    const { storedBytes } = run.probe(atS * MS_PER_S);
    const found = (ephemeralPages * PAGE_BYTES) / storedBytes;
    const really = packedFor(claim, runs);
    return {
      checks: [
        check('pages in precache', ephemeralPages, 'exactly', 2 * left),
        check('pages compressed', compressedPages, 'exactly', 2 * left),
        check('pages stored once for two', sharedPages, 'exactly', 2 * left),
        check('bytes that they need', storedBytes, 'exactly', left * pageBytes, 'bytes'),
        check('pages stored over pages needed', found, 'exactly', factor, ''),
        ...clones.map((name) => check(`disk reads of ${name}`, run.guest(name).diskReads, 'exactly', imagePages)),
        ...really.checks,
      ],
      table: {
        head: ['store', 'memory for it', 'pages in precache', 'kept in', 'factor', ...clones.map((name) => `disk reads of ${name}`)], // prettier-ignore
        rows: [
          ['counts what it would save', run.poolPages, ephemeralPages, storedBytes / PAGE_BYTES, found.toFixed(2), ...readsOf(claim, run)], // prettier-ignore
          ...really.table.rows,
        ],
      },
    };
  },
};

/** The same clones in no more memory than their pages need, with a store that packs them and with one that does not. */
function packedFor(claim: ContentSavings, runs: Runs): Measured {
  const { clones, imagePages, pageBytes, really } = claim;
  if (really === undefined) return { checks: [], table: { head: [], rows: [] } };
  const [packed, unpacked] = [runs(really.packed), runs(really.unpacked)];
  const left = leftOf(claim, packed);
  // One page more while only one of the clones has gone on to it.
  const needed = Math.ceil(((left + 1) * pageBytes) / PAGE_BYTES);
  const row = (how: string, run: ClaimRun): (string | number)[] => {
    const [pages, memory] = [inPrecache(claim, run), run.host.ephemeralPages];
    return [how, run.poolPages, pages, memory, (pages / memory).toFixed(2), ...readsOf(claim, run)];
  };
  return {
    checks: [
      check('memory for precache, packed', packed.poolPages, 'at-most', needed),
      check('pages in precache, packed', inPrecache(claim, packed), 'exactly', 2 * left),
      ...clones.map((name) => check(`disk reads of ${name}, packed`, packed.guest(name).diskReads, 'exactly', imagePages)), // prettier-ignore
      check('memory for precache, not packed', unpacked.poolPages, 'exactly', packed.poolPages),
      ...clones.map((name) => {
        const { diskReads, accesses } = unpacked.guest(name);
        return check(`disk reads of ${name}, not packed, of its accesses`, diskReads, 'exactly', accesses);
      }),
    ],
    table: { head: [], rows: [row('packs', packed), row('does not pack', unpacked)] },
  };
}

/** Pages of the image that do not fit into a clone's RAM. */
function leftOf({ clones, imagePages }: ContentSavings, run: ClaimRun): number {
  return imagePages - run.configOf(clones[0] ?? '').ramPages;
}

function inPrecache({ clones }: ContentSavings, run: ClaimRun): number {
  return clones.reduce((sum, name) => sum + run.guest(name).ephemeralPages, 0);
}

function readsOf({ clones }: ContentSavings, run: ClaimRun): number[] {
  return clones.map((name) => run.guest(name).diskReads);
}
