import { mibToPages } from '#contract/units.ts';
import { mib, percent } from '../../format.ts';
import type { AlternativeDraft } from '../../stores/studies.ts';
import { weightShare } from '../guests/share.ts';
import { type KnobRow, readCell } from './knobs.ts';

/** A row's setting under an alternative (null: today), NaN where it cannot be read. */
function valueUnder(row: KnobRow, alternative: AlternativeDraft | null): number {
  const text = alternative?.cells[row.key] ?? row.today;
  if (!readCell(row, text).ok || text === '') return NaN;
  return row.unit === 'MiB' ? mibToPages(Number(text)) : Number(text);
}

/**
 * "15.8 % = 1.2 GiB": what a weight gives in an alternative when everybody wants more, with the weights, targets, host and
 * limit that the alternative has. Empty for other rows.
 * @param poolPages of today: what is stored or fallow
 */
export function shareEffect(
  row: KnobRow,
  alternative: AlternativeDraft | null,
  rows: readonly KnobRow[],
  poolPages: number,
): string {
  if (row.kind !== 'weight') return '';
  const removed = new Set(
    rows.flatMap((one) =>
      one.kind === 'remove-guest' && alternative?.cells[one.key] === 'removed' ? [one.guest?.id] : [],
    ),
  );
  if (removed.has(row.guest?.id)) return 'removed';
  const weights = rows
    .filter((one) => one.kind === 'weight' && !removed.has(one.guest?.id))
    .map((one) => valueUnder(one, alternative));
  const share = weightShare(valueUnder(row, alternative), weights);
  if (!Number.isFinite(share)) return '';
  let pool = poolPages;
  for (const one of rows) {
    const [now, then] = [valueUnder(one, null), valueUnder(one, alternative)];
    if (one.kind === 'balloon-target') pool += removed.has(one.guest?.id) ? now : now - then || 0;
    else if (one.kind === 'host-size') pool += then - now || 0;
  }
  const limit = rows.find(({ kind }) => kind === 'pool-limit');
  const most = limit === undefined ? NaN : valueUnder(limit, alternative);
  if (Number.isFinite(most)) pool = Math.min(pool, most);
  return Number.isFinite(pool) ? `${percent(share)} = ${mib(Math.max(0, share * pool))}` : percent(share);
}
