import type { AlternativeOutcome, GuestOutcome } from '#main/what-if/study.ts';

/** Disk reads that differ by less than this part of the baseline's, or of all accesses, are told as equal. */
const EQUAL_READS = 0.005;
const EQUAL_ACCESSES = 0.001;

/** The outcomes of a study for a person: a table for each alternative, then who wins and who loses against the first. */
export function studyTables(outcomes: readonly AlternativeOutcome[]): string {
  const [baseline] = outcomes;
  return outcomes.map((outcome) => outcomeTable(outcome, outcome === baseline ? undefined : baseline)).join('\n');
}

function outcomeTable(outcome: AlternativeOutcome, baseline: AlternativeOutcome | undefined): string {
  const isExact = outcome.host.error === 0;
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
  ];
  const rows = outcome.guests.map((guest, at) => row(guest.name, guest, baseline?.guests[at], guest));
  const total = row('host', outcome.host, baseline?.host, null);
  const lines = [`${outcome.name} (${outcome.engine}, ${isExact ? 'exact' : 'estimate'})`];
  lines.push(
    table([
      isExact ? header : [...header, '± reads'],
      ...[...rows, total].map((cells) => (isExact ? cells.slice(0, -1) : cells)),
    ]),
  );
  const broken = outcome.assumptions.filter(({ held }) => !held);
  if (broken.length > 0) lines.push(`Did not hold: ${broken.map(({ text }) => text).join('; ')}.`);
  if (baseline !== undefined) lines.push(verdict(outcome, baseline));
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

function row(name: string, sums: Sums, before: Sums | undefined, guest: GuestOutcome | null): string[] {
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
    `± ${number(sums.error * sums.accesses)}`,
  ];
}

function verdict(outcome: AlternativeOutcome, baseline: AlternativeOutcome): string {
  const winners: string[] = [];
  const losers: string[] = [];
  outcome.guests.forEach((guest, at) => {
    const before = baseline.guests[at];
    if (before === undefined || guest.accesses === 0) return;
    const more = guest.diskReads - before.diskReads;
    const sure = guest.error * guest.accesses + before.error * before.accesses;
    if (Math.abs(more) <= Math.max(sure, EQUAL_READS * before.diskReads, EQUAL_ACCESSES * guest.accesses)) return;
    (more < 0 ? winners : losers).push(guest.name);
  });
  const list = (names: readonly string[]): string => (names.length === 0 ? 'nobody' : names.join(', '));
  return `Fewer disk reads than "${baseline.name}": ${list(winners)}. More: ${list(losers)}.`;
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
