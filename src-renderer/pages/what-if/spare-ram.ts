import type { Exploration, MissCurve } from '#contract/studies.ts';

/** More disk reads than this part of today's are noticed. */
const NOTICED = 0.01;

/** What the curves say about the whole host, in pages and disk reads over the studied time. */
export interface SpareRam {
  /** RAM that the host could do without while disk reads grow by less than a hundredth; 0: none. */
  readonly sparePages: number;
  /** True where the smallest host that was tried would still do. */
  readonly isAtLeast: boolean;
  readonly readsToday: number;
  /** Disk reads of the same guests with no pool at all. */
  readonly readsWithoutTmem: number;
}

/** How much RAM the host could do without, and what tmem saves, by the curves; null where they do not say. */
export function spareRam({ sensitivities, curves }: Exploration): SpareRam | null {
  const sizes = sensitivities.find(({ knob }) => knob.kind === 'host-size');
  if (sizes === undefined || curves.length === 0) return null;
  const guests = sizes.diskReads.length / sizes.values.length;
  const reads = sizes.values.map((_, at) =>
    sizes.diskReads.subarray(at * guests, (at + 1) * guests).reduce((sum, one) => sum + one, 0),
  );
  const today = sizes.values.indexOf(sizes.today);
  const readsToday = reads[today] ?? NaN;
  if (!Number.isFinite(readsToday)) return null;
  let least = today;
  while (least > 0 && (reads[least - 1] ?? Infinity) <= readsToday * (1 + NOTICED)) least--;
  return {
    sparePages: sizes.today - (sizes.values[least] ?? sizes.today),
    isAtLeast: least === 0,
    readsToday,
    readsWithoutTmem: curves.reduce((sum, curve) => sum + missesAt(curve, curve.ramPages), 0),
  };
}

/** Misses at a size, between the points of the curve on a straight line. */
export function missesAt({ pages, misses }: Pick<MissCurve, 'pages' | 'misses'>, size: number): number {
  const last = pages.length - 1;
  if (last < 0) return NaN;
  if (size >= (pages[last] ?? 0)) return misses[last] ?? NaN;
  let at = 0;
  while (at < last && (pages[at + 1] ?? 0) <= size) at++;
  const [from, to] = [pages[at] ?? 0, pages[at + 1] ?? 0];
  const part = to > from ? (size - from) / (to - from) : 0;
  return (misses[at] ?? NaN) * (1 - part) + (misses[at + 1] ?? NaN) * part;
}
