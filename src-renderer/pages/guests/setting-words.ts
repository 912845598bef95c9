import type { HostDescription } from '#contract/model.ts';
import { PAGES_PER_MIB } from '#contract/units.ts';
import { count, duration, mib, percent } from '../../format.ts';
import { weightShare } from './share.ts';

/** "150 of 950 = 15.8 % = 12.6 MiB of the pool": what a weight would give, said while it is typed. */
export function weightEffect(weight: number, others: readonly number[], poolPages: number): string {
  const all = [weight, ...others];
  const sum = all.reduce((total, one) => total + one, 0);
  const share = weightShare(weight, all);
  const memory = Number.isFinite(poolPages) ? ` = ${mib(share * poolPages)} of the pool` : ' of the pool';
  if (sum === 0) return `All weights are 0, which means all equal: ${percent(share)}${memory}`;
  const loses = weight === 0 ? '; it loses its pages first' : '';
  return `${count(weight)} of ${count(sum)} = ${percent(share)}${memory}${loses}`;
}

/** "1.5 MiB over it are evicted at once": what a most of ephemeral pages would do. @param capPages Infinity: none */
export function capEffect(capPages: number, heldPages: number): string {
  if (capPages === Infinity) return 'as many as there is memory';
  const over = heldPages - capPages;
  if (!Number.isFinite(over)) return '';
  return over > 0 ? `${mib(over)} over it are evicted at once` : `${mib(-over)} above what is held now`;
}

/** "4.0 MiB less than now, about 16 s at 0.25 MiB/s": what a balloon target would do, said while it is typed. */
export function targetEffect(targetPages: number, ramPages: number, description: HostDescription): string {
  const change = targetPages - ramPages;
  if (!Number.isFinite(change)) return '';
  if (change === 0) return 'This is the RAM it has now';
  const perSecond = description.balloonPagesPerS;
  const seconds = Math.ceil(Math.abs(change) / Math.max(1, perSecond));
  const speed = `${(perSecond / PAGES_PER_MIB).toFixed(2).replace(/\.?0+$/, '')}\u00a0MiB/s`;
  return `${mib(Math.abs(change))} ${change > 0 ? 'more' : 'less'} than now, about ${duration(seconds)} of host time at ${speed}`;
}
