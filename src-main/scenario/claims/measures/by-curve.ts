import * as v from 'valibot';
import { GuestName } from '../../fields.ts';
import { check } from '../checks.ts';
import type { ClaimRun } from '../claim-run.ts';
import { AS_IS, type MeasureKind, VariantName } from '../measure-kind.ts';
import { fileUses, firstReads, lruMisses } from '../theory.ts';

/** What a scenario file says of it. */
export const ByCurveSchema = v.strictObject({
  kind: v.literal('by-curve'),
  guests: v.pipe(
    v.array(GuestName),
    v.minLength(1),
    v.description('Guests of plain LRU with nothing but files, each with precache, or a cap of it, for itself.'),
  ),
  without: v.pipe(VariantName, v.description('The variant without precache.')),
});

interface Told {
  readonly reads: number;
  readonly byCurve: number;
  /** Disk reads of pages that were read or written before. */
  readonly refaults: number;
}

/** What a guest read, and what the curve says for the same accesses at this many pages. */
function told(run: ClaimRun, name: string, tmemPages: number): Told {
  const guest = run.configOf(name);
  const { accesses, diskReads } = run.guest(name);
  const uses = fileUses(guest, run.config.seed, accesses);
  const byCurve = lruMisses(uses, guest.ramPages + tmemPages);
  return { reads: diskReads, byCurve, refaults: diskReads - firstReads(uses) };
}

/** A page cache of R pages before precache of C pages reads the disk as one LRU cache of R + C pages does. */
export const byCurve: MeasureKind<v.InferOutput<typeof ByCurveSchema>> = {
  variants: ({ without }) => [without],
  guests: ({ guests }) => guests,
  measure({ guests, without }, runs) {
    const [withTmem, withoutTmem] = [runs(AS_IS), runs(without)];
    const tmemPages = (name: string): number => withTmem.configOf(name).capPages ?? withTmem.poolPages;
    const found = guests.map((name) => ({
      name,
      now: told(withTmem, name, tmemPages(name)),
      before: told(withoutTmem, name, 0),
    }));
    const needed = guests.reduce((sum, name) => sum + tmemPages(name), 0);
    return {
      checks: [
        check('pages of precache that all need together', needed, 'at-most', withTmem.poolPages),
        ...found.flatMap(({ name, now, before }) => [
          check(`disk reads of ${name} with tmem`, now.reads, 'exactly', now.byCurve),
          check(`disk reads of ${name} without`, before.reads, 'exactly', before.byCurve),
          check(`refaults of ${name}, against those without tmem`, now.refaults, 'below', before.refaults),
        ]),
      ],
      table: {
        head: ['guest', 'tmem', 'accesses', 'disk reads', 'by the curve', 'refaults', 'accesses/s'],
        rows: found.flatMap(({ name, now, before }) =>
          [
            { run: withoutTmem, told: before, how: 'none' },
            { run: withTmem, told: now, how: 'precache' },
          ].map((one) => {
            const { accesses } = one.run.guest(name);
            const { reads, byCurve: curve, refaults } = one.told;
            return [name, one.how, accesses, reads, curve, refaults, Math.round(accesses / one.run.seconds)];
          }),
        ),
      },
    };
  },
};
