import type { PolicyName } from '#contract/model.ts';
import { type ScenarioEntry, type ScenarioSummary, TRIAL_VARIANTS } from '#contract/scenarios.ts';
import { count, duration, GAP, mib, plural } from '../../format.ts';

/** A heading and the scenarios under it. */
export interface ScenarioGroup {
  readonly title: string;
  readonly id: string;
  readonly entries: readonly ScenarioEntry[];
}

/** Claims by their letters, then what else ships, then a person's own; groups without any are left out. */
export function groupsOf(entries: readonly ScenarioEntry[]): ScenarioGroup[] {
  const claims = entries.filter(({ scenario, summary }) => scenario.origin === 'shipped' && summary?.claim);
  const own = entries.filter(({ scenario }) => scenario.origin !== 'shipped');
  const more = entries.filter((entry) => !claims.includes(entry) && !own.includes(entry));
  const letter = ({ summary }: ScenarioEntry): string => summary?.claim?.letter ?? '';
  return [
    { title: 'Real machines', id: 'more', entries: more },
    {
      title: 'What tmem claims',
      id: 'claims',
      entries: [...claims].sort((a, b) => letter(a).localeCompare(letter(b))),
    },
    { title: 'Your own', id: 'own', entries: own },
  ].filter((group) => group.entries.length > 0);
}

/** A policy, with its tax where it has one. */
export function policyText(policy: PolicyName, idleTaxPermille: number): string {
  if (policy !== 'max-over-share') return policy;
  return idleTaxPermille === 0
    ? `${policy}, no idle tax`
    : `${policy}, idle tax ${(idleTaxPermille / 1000).toFixed(2)}`;
}

/** A variant that every scenario has, in words. */
function builtInText(variant: (typeof TRIAL_VARIANTS)[number]): string {
  if (variant === 'as-is') return 'as the file says';
  return variant === 'no-tmem' ? 'without tmem' : `under ${variant}`;
}

/** A variant that can be tried, under the heading that it stands. */
interface VariantGroup {
  readonly title: string;
  readonly variants: readonly { readonly name: string; readonly title: string }[];
}

/** What can be tried of a scenario: as it is, what its file names, and what any scenario can be run as. */
export function variantGroups({ variants }: ScenarioSummary): VariantGroup[] {
  const builtIn = TRIAL_VARIANTS.map((name) => ({ name, title: builtInText(name) }));
  return [
    { title: 'The file', variants: [...builtIn.slice(0, 1), ...variants] },
    { title: 'Any scenario', variants: builtIn.slice(1) },
  ];
}

/** One line under the name. */
export function lineOf({ guests, totalPages, policy }: ScenarioSummary): string {
  return `${plural(guests.length, 'guest')} · ${mib(totalPages)} · ${policy}`;
}

/** What the host of a scenario is: names and values. */
export function factsOf(summary: ScenarioSummary): { readonly name: string; readonly value: string }[] {
  const { totalPages, reservedPages, poolLimitPages, policy, idleTaxPermille, seed, forS, events } = summary;
  return [
    { name: 'Host RAM', value: `${mib(totalPages)}, ${mib(reservedPages)} reserved` },
    { name: 'Precache', value: poolLimitPages === null ? 'all that is free' : `at most ${mib(poolLimitPages)}` },
    { name: 'Policy', value: policyText(policy, idleTaxPermille) },
    { name: 'Seed', value: String(seed) },
    { name: 'A trial runs', value: `${duration(forS)} of host time` },
    ...(events === 0 ? [] : [{ name: 'Timed events', value: count(events) }]),
  ];
}

/** Why a scenario cannot run; null: it can. */
export function obstacleOf({ summary }: ScenarioEntry): string | null {
  if (summary === null) return 'Its file cannot be read.';
  const { missingTraces } = summary;
  if (missingTraces.length === 0) return null;
  return `It plays ${missingTraces.join(', ')}, which is not at hand. Import the trace${missingTraces.length > 1 ? 's' : ''} under “Traces”.`;
}

/** A stretch of recorded time, in a unit that fits it. */
export function spanText(spanUs: number | null): string {
  if (spanUs === null) return 'no times';
  if (spanUs < 1_000) return `${count(spanUs)}${GAP}µs`;
  if (spanUs < 1_000_000) return `${count(spanUs / 1_000)}${GAP}ms`;
  return duration(spanUs / 1_000_000);
}
