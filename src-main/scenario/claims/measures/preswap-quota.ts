import * as v from 'valibot';
import { DEFAULT_KERNEL } from '../../../host/guest/kernel-config.ts';
import { GuestName, whole } from '../../fields.ts';
import { check } from '../checks.ts';
import { AS_IS, type MeasureKind } from '../measure-kind.ts';

const SHOWN = 7;

/** What a scenario file says of it. */
export const PreswapQuotaSchema = v.strictObject({
  kind: v.literal('preswap-quota'),
  guest: GuestName,
  quotaPages: v.pipe(whole(1, 1 << 24), v.description('Maximum − RAM, in pages.')),
});

/** Swapping is copying until preswap holds all that the guest has ballooned away; then the disk is next. */
export const preswapQuota: MeasureKind<v.InferOutput<typeof PreswapQuotaSchema>> = {
  variants: () => [],
  guests: ({ guest }) => [guest],
  measure({ guest, quotaPages }, runs) {
    const run = runs(AS_IS);
    const { ramPages, maxPages, kernel } = run.configOf(guest);
    const cluster = 1 << (kernel?.swapClusterLog2 ?? DEFAULT_KERNEL.swapClusterLog2);
    const outs = run.course(guest, 'swapOuts');
    const held = run.course(guest, 'persistentPages');
    const stored = run.course(guest, 'preswapPuts');
    const first = outs.findIndex((pages) => pages > 0);
    const checks = [
      check(`maximum − RAM of ${guest}`, maxPages - ramPages, 'exactly', quotaPages),
      check('pages written to the swap disk', run.guest(guest).swapOuts, 'above', 0),
      check('most pages in preswap at the end of any second', Math.max(...held), 'exactly', quotaPages),
      // A swap-in of a cluster may be under way as the second ends: its slots are free then.
      check('pages in preswap in the second of the first disk swap', held[first] ?? NaN, 'at-least', quotaPages - cluster), // prettier-ignore
      check(
        'pages refused by preswap before that second',
        sumOf(run.course(guest, 'preswapPutsFailed').slice(0, Math.max(0, first))),
        'exactly',
        0,
      ),
    ];
    const seconds = Array.from({ length: SHOWN }, (_, at) => Math.round(((at + 1) * (run.seconds - 1)) / SHOWN));
    return {
      checks,
      table: {
        head: ['host second', 'in preswap', 'copied to preswap', 'written to the swap disk'],
        rows: seconds.map((second) => [second, held[second] ?? 0, stored[second] ?? 0, outs[second] ?? 0]),
      },
    };
  },
};

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}
