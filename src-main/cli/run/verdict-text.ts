import type { ClaimCheck, Relation, Verdict } from '#contract/claims.ts';
import { table } from '../what-if/tables.ts';

const RELATIONS: Readonly<Record<Relation, string>> = {
  exactly: '=',
  'at-most': '≤',
  'at-least': '≥',
  below: '<',
  above: '>',
};

/** A verdict for a person: the claim, whether it holds, each figure beside its bound, and the table around them. */
export function verdictText({ letter, sentence, holds, checks, table: around, runs, seconds }: Verdict): string {
  const failed = checks.filter((check) => !check.holds).length;
  const said = holds
    ? `holds: ${checks.length} figures of ${checks.length} are within their bounds`
    : `does not hold: ${failed} of ${checks.length} figures ${failed === 1 ? 'is' : 'are'} outside their bounds`;
  const lines = checks.map((check) => [
    check.what,
    figure(check.measured, check.unit),
    `${RELATIONS[check.relation]} ${figure(check.bound, check.unit)}`,
    check.holds ? 'holds' : 'DOES NOT HOLD',
  ]);
  const cell = (value: string | number): string => (typeof value === 'number' ? figure(value, '') : value);
  return [
    `Claim ${letter} ${said}.`,
    sentence,
    '',
    table([['figure', 'measured', 'bound', ''], ...lines]),
    '',
    table([around.head, ...around.rows.map((row) => row.map(cell))]),
    '',
    `Modelled, ${runs.length === 1 ? 'one run' : `${runs.length} runs`} of ${seconds.toLocaleString('en')} host seconds each: ${runs.join('; ')}.`,
    '',
  ].join('\n');
}

function figure(value: ClaimCheck['measured'], unit: string): string {
  if (value === null) return 'nothing';
  const digits = Number.isInteger(value) ? 0 : Math.abs(value) >= 1_000 ? 1 : 2;
  const text = value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });
  return unit === '' ? text : `${text} ${unit}`;
}
