import type { Action } from '#contract/model.ts';
import { count, mib, mibNumber } from './html/numbers.ts';

/** What the values of an action are counted in, for tables. */
export const VALUE_UNITS: Readonly<Record<Action['kind'], string>> = {
  weight: 'weight',
  'balloon-target': 'pages',
  'precache-cap': 'pages',
  policy: 'policy',
  'idle-tax': 'permille',
  'pool-limit': 'pages',
  'host-size': 'pages',
  'remove-guest': 'pages',
  'flush-precache': 'pages',
};

/** A value of an action as one field: what an act gave up as the sum of its pages; no cap and no limit as null. */
export function plainValue(value: Action['before'] | Action['after']): string | number | null {
  if (value === null || typeof value !== 'object') return value;
  return value.ramPages + value.precachePages + value.preswapPages;
}

/** What an action changed, in words: "weight 100 → 400", "removed: 20.0 MiB of RAM, …". */
export function changeWords(action: Action): string {
  switch (action.kind) {
    case 'weight':
      return `weight ${count(action.before)} → ${count(action.after)}`;
    case 'balloon-target':
      return `balloon target ${mib(action.before)} → ${mib(action.after)}`;
    case 'precache-cap':
      return `precache cap ${limit(action.before)} → ${limit(action.after)}`;
    case 'policy':
      return `eviction policy ${action.before} → ${action.after}`;
    case 'idle-tax':
      return `idle tax ${action.before / 1000} → ${action.after / 1000}`;
    case 'pool-limit':
      return `pool limit ${limit(action.before)} → ${limit(action.after)}`;
    case 'host-size':
      return `host RAM ${mib(action.before)} → ${mib(action.after)}`;
    case 'remove-guest': {
      const { ramPages, precachePages, preswapPages } = action.before;
      const rest = `${mibNumber(precachePages)} of precache and ${mib(preswapPages)} of preswap given up`;
      return `removed from the host; ${mibNumber(ramPages)} of RAM, ${rest}`;
    }
    case 'flush-precache':
      return `precache flushed; ${mib(action.before.precachePages)} given up`;
  }
}

function limit(pages: number | null): string {
  return pages === null ? 'none' : mib(pages);
}
