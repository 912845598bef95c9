import * as v from 'valibot';
import { GuestName, numberFrom, whole } from '../../fields.ts';
import { check } from '../checks.ts';
import { AS_IS, type MeasureKind } from '../measure-kind.ts';

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
});

/** What equal pages of clones, stored once and compressed, would need. */
export const contentSavings: MeasureKind<v.InferOutput<typeof ContentSavingsSchema>> = {
  variants: () => [],
  probesMs: ({ atS }) => [atS * MS_PER_S],
  guests: ({ clones }) => clones,
  measure({ clones, imagePages, pageBytes, factor, atS }, runs) {
    const run = runs(AS_IS);
    const { sharedPages, compressedPages, ephemeralPages } = run.host;
    const left = imagePages - run.configOf(clones[0] ?? '').ramPages;
    const { storedBytes } = run.probe(atS * MS_PER_S);
    const found = (ephemeralPages * PAGE_BYTES) / storedBytes;
    return {
      checks: [
        check('pages in precache', ephemeralPages, 'exactly', 2 * left),
        check('pages compressed', compressedPages, 'exactly', 2 * left),
        check('pages stored once for two', sharedPages, 'exactly', 2 * left),
        check('bytes that they need', storedBytes, 'exactly', left * pageBytes, 'bytes'),
        check('pages stored over pages needed', found, 'exactly', factor, ''),
        ...clones.map((name) => check(`disk reads of ${name}`, run.guest(name).diskReads, 'exactly', imagePages)),
      ],
      table: {
        head: ['pages in precache', 'compressed', 'stored once for two', 'pages of memory they need', 'factor'],
        rows: [[ephemeralPages, compressedPages, sharedPages, storedBytes / PAGE_BYTES, found.toFixed(2)]],
      },
    };
  },
};
