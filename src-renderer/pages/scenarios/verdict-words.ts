import type { ClaimCheck, Relation, Verdict } from '#contract/claims.ts';
import { count, duration, GAP, NOTHING, plural } from '../../format.ts';

const RELATIONS: Readonly<Record<Relation, string>> = {
  exactly: '=',
  'at-most': '≤',
  'at-least': '≥',
  below: '<',
  above: '>',
};
const hundredths = new Intl.NumberFormat('en-GB', { minimumFractionDigits: 2, maximumFractionDigits: 2 });
const MINUS = '\u2212';

/** A figure with its unit: whole as it is, else with two decimals. */
export function figureText(value: number | null, unit: string): string {
  if (value === null) return NOTHING;
  const text = Number.isInteger(value)
    ? count(value)
    : `${value < 0 ? MINUS : ''}${hundredths.format(Math.abs(value))}`;
  return unit === '' ? text : `${text}${GAP}${unit}`;
}

/** How a figure must stand to its bound: "≤ 2,150.40 pages". */
export function boundText({ relation, bound, unit }: ClaimCheck): string {
  return `${RELATIONS[relation]}${GAP}${figureText(bound, unit)}`;
}

/** The verdict in words. */
export function verdictWord({ holds }: Pick<Verdict, 'holds'>): string {
  return holds ? 'Holds' : 'Does not hold';
}

/** How many figures are within their bounds. */
export function verdictLine({ checks }: Verdict): string {
  const within = checks.filter(({ holds }) => holds).length;
  if (within === checks.length) return `all ${plural(within, 'figure')} are within their bounds`;
  return `${count(checks.length - within)} of ${plural(checks.length, 'figure')} outside their bounds`;
}

/** Which runs it was taken from. */
export function runsLine({ runs, seconds, seed }: Verdict): string {
  const made = runs.length === 1 ? 'one run' : plural(runs.length, 'run');
  return `modelled · ${made} of ${duration(seconds)} of host time · seed ${seed}: ${runs.join('; ')}`;
}
