import { CPU_CLASSES } from '#main/host/costs.ts';
import { breakEven } from '#main/what-if/break-even.ts';
import type { SpareResult } from '#main/what-if/spare-ram.ts';
import type { AlternativeOutcome, GuestOutcome } from '#main/what-if/study.ts';
import { verdictsOf } from '#main/what-if/verdicts.ts';

/** The outcomes of a study for a person: a table for each alternative, then who wins and who loses against the first. */
export function studyTables(outcomes: readonly AlternativeOutcome[]): string {
  const [baseline] = outcomes;
  return outcomes.map((outcome) => outcomeTable(outcome, outcome === baseline ? undefined : baseline)).join('\n');
}

function outcomeTable(outcome: AlternativeOutcome, baseline: AlternativeOutcome | undefined): string {
  const isExact = outcome.host.error === 0;
  const hasWaits = outcome.guests.some(({ waitingPart }) => waitingPart !== null);
  const header = [
    'guest',
    'accesses',
    'own cache',
    'precache',
    'disk reads',
    'change',
    'evicted',
    'caused',
    'MiB in pool',
    ...(hasWaits ? ['waits'] : []),
  ];
  const rows = outcome.guests.map((guest, at) => row(guest.name, guest, baseline?.guests[at], guest, hasWaits));
  const total = row('host', outcome.host, baseline?.host, null, hasWaits);
  const lines = [`${outcome.name} (${outcome.engine}, ${isExact ? 'exact' : 'estimate'})`];
  lines.push(
    table([
      isExact ? header : [...header, '± reads'],
      ...[...rows, total].map((cells) => (isExact ? cells.slice(0, -1) : cells)),
    ]),
  );
  const { doubtReads } = outcome.host;
  if (doubtReads !== undefined) {
    lines.push(`If guests do something else than they did: ± ${number(doubtReads)} disk reads of the host.`);
  }
  const broken = outcome.assumptions.filter(({ held }) => !held);
  if (broken.length > 0) lines.push(`Did not hold: ${broken.map(({ text }) => text).join('; ')}.`);
  lines.push(baseline === undefined ? breakEvenText(outcome) : verdict(outcome, baseline));
  return `${lines.join('\n')}\n`;
}

interface Sums {
  readonly accesses: number;
  readonly cacheHits: number;
  readonly precacheHits: number;
  readonly diskReads: number;
  readonly meanEphemeralPages: number;
  readonly error: number;
}

function row(
  name: string,
  sums: Sums,
  before: Sums | undefined,
  guest: GuestOutcome | null,
  hasWaits: boolean,
): string[] {
  const bySelf = guest?.evictedBySelf ?? null;
  const byOthers = guest?.evictedByOthers ?? null;
  const caused = guest?.evictionsCaused ?? null;
  return [
    name,
    number(sums.accesses),
    percent(sums.cacheHits, sums.accesses),
    percent(sums.precacheHits, sums.accesses),
    number(sums.diskReads),
    before === undefined ? '' : change(sums.diskReads, before.diskReads),
    bySelf === null || byOthers === null ? '' : number(bySelf + byOthers),
    caused === null ? '' : number(caused),
    (sums.meanEphemeralPages / 256).toFixed(1),
    ...(hasWaits ? [guest === null ? '' : percent(guest.waitingPart ?? 0, 1)] : []),
    `± ${number(sums.error * sums.accesses)}`,
  ];
}

function verdict(outcome: AlternativeOutcome, baseline: AlternativeOutcome): string {
  const verdicts = verdictsOf(outcome, baseline);
  const those = (wanted: (typeof verdicts)[number]): string[] =>
    outcome.guests.filter((_, place) => verdicts[place] === wanted).map(({ name }) => name);
  const list = (names: readonly string[]): string => (names.length === 0 ? 'nobody' : names.join(', '));
  const unsure = those('unsure');
  const rest = unsure.length === 0 ? '' : ` Too close to tell: ${list(unsure)}.`;
  return `Fewer disk reads than "${baseline.name}": ${list(those('better'))}. More: ${list(those('worse'))}.${rest}`;
}

/** From which disks on the host's precache pays for its copies. */
function breakEvenText({ host }: AlternativeOutcome): string {
  const [modern, old] = [CPU_CLASSES.modern, CPU_CLASSES.old].map((cpu) => breakEven(host, cpu).serviceNs);
  if (modern === null || modern === undefined || old === null || old === undefined) {
    return 'Precache found nothing here: it only costs.';
  }
  const us = (ns: number): string => `${(ns / 1000).toFixed(1)} µs`;
  return `Precache pays where a disk read takes longer than ${us(modern)} (modern CPU) or ${us(old)} (old CPU).`;
}

/** How much RAM the host could do without, for a person. */
export function spareText({ hostPages, leastPages, today, least }: SpareResult, worse: number): string {
  const spare = hostPages - leastPages;
  const mib = (pages: number): string => `${(pages / 256).toFixed(1)} MiB`;
  const said =
    spare === 0
      ? `The host needs all of its ${mib(hostPages)}: with less some guest reads the disk more by over ${worse} an access.`
      : `The host could do without ${mib(spare)} of its ${mib(hostPages)}: no guest reads the disk more by over ${worse} an access.`;
  return `${said}\n\n${studyTables(spare === 0 ? [today] : [today, least])}`;
}

function change(now: number, before: number): string {
  if (before === 0) return now === 0 ? '0 %' : 'new';
  const part = (100 * (now - before)) / before;
  if (part >= 900) return `× ${number(now / before)}`;
  return `${part > 0 ? '+' : part < 0 ? '−' : ''}${Math.abs(part).toFixed(1)} %`;
}

/** The first column to the left, the others, which are numbers, to the right. */
export function table(lines: readonly (readonly string[])[]): string {
  const widths = (lines[0] ?? []).map((_, column) => Math.max(...lines.map((line) => (line[column] ?? '').length)));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join('  ')
      .trimEnd();
  return lines.map(line).join('\n');
}

function number(value: number): string {
  return Math.round(value).toLocaleString('en');
}

function percent(part: number, whole: number): string {
  return whole === 0 ? '–' : `${((100 * part) / whole).toFixed(2)} %`;
}
