import * as v from 'valibot';
import { GuestName, whole } from '../../fields.ts';
import { check } from '../checks.ts';
import { AS_IS, type MeasureKind } from '../measure-kind.ts';
import { fileUses, lruMisses } from '../theory.ts';

const MS_PER_S = 1_000;
/** Seconds shown on either side of the asking. */
const SHOWN = 2;

/** What a scenario file says of it. */
export const RepossessedSchema = v.strictObject({
  kind: v.literal('repossessed'),
  owner: v.pipe(GuestName, v.description('Asks for its memory back.')),
  borrower: v.pipe(GuestName, v.description('A file server of plain LRU that has it as precache.')),
  askedS: v.pipe(whole(1, 86_400), v.description('When the owner asks.')),
  stepMs: v.pipe(whole(1, 10_000), v.description('One step of the balloon.')),
  ramPages: v.pipe(whole(1, 1 << 24), v.description('RAM that the owner asks for.')),
  accessesPerS: v.pipe(whole(0, 10_000_000), v.description('The borrower works on at least so fast.')),
});

/** A growing guest gets its pages in one step of its balloon, and the borrower only misses. */
export const repossessed: MeasureKind<v.InferOutput<typeof RepossessedSchema>> = {
  variants: () => [],
  probesMs: ({ askedS, stepMs }) => [askedS * MS_PER_S + stepMs],
  guests: ({ owner, borrower }) => [owner, borrower],
  measure({ owner, borrower, askedS, stepMs, ramPages, accessesPerS }, runs) {
    const run = runs(AS_IS);
    const { precachePutsFailed, oomKills, diskReads, accesses } = run.guest(borrower);
    const config = run.configOf(borrower);
    const uses = fileUses(config, run.config.seed, accesses);
    const all = config.ramPages + run.poolPages;
    const growth = ramPages - run.configOf(owner).ramPages;
    const lent = run.course(borrower, 'ephemeralPages');
    const ram = run.course(owner, 'ramPages');
    const reads = run.course(borrower, 'diskReads');
    const seconds = Array.from({ length: 2 * SHOWN + 1 }, (_, at) => askedS - SHOWN + at);
    return {
      checks: [
        check('pages lent out when the owner asks', lent[askedS - 1] ?? NaN, 'exactly', run.poolPages),
        check(
          `RAM of ${owner} one step later`,
          run.probe(askedS * MS_PER_S + stepMs).ramPages(owner),
          'exactly',
          ramPages,
        ),
        check(`refused puts of ${borrower}`, precachePutsFailed, 'exactly', 0),
        check(`times that ${borrower} was out of memory`, oomKills, 'exactly', 0, ''),
        check(`disk reads of ${borrower}, with all that was lent`, diskReads, 'at-least', lruMisses(uses, all)),
        check(`disk reads of ${borrower}, with what remains`, diskReads, 'at-most', lruMisses(uses, all - growth)),
        check(`work of ${borrower}`, accesses / run.seconds, 'at-least', accessesPerS, 'accesses/s'),
      ],
      table: {
        head: ['host second', `RAM of ${owner}`, `precache of ${borrower}`, 'its disk reads'],
        rows: seconds.map((second) => [second, ram[second] ?? 0, lent[second] ?? 0, reads[second] ?? 0]),
      },
    };
  },
};
