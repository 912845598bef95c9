import type { AlternativeOutcome, StudyResult } from '#contract/studies.ts';
import { count, GAP, mib, NOTHING, percent, rate } from '../../format.ts';
import type { ShownGuest } from '../../stores/host.ts';
import {
  changeText,
  perSecond,
  type Reads,
  readsChangeText,
  type Verdict,
  verdictOf,
} from '../../stores/study-words.ts';

/** A cell of the results: its number, and how it compares with the baseline. */
export interface OutcomeCell {
  readonly text: string;
  readonly change: string | null;
  readonly verdict: Verdict | null;
}

export interface OutcomeRow {
  readonly key: string;
  readonly label: string;
  readonly guest: ShownGuest | null;
  /** What it means, in a sentence, where its name does not say it. */
  readonly about?: string;
  /** The baseline's first, then the alternatives' in their order. */
  readonly cells: readonly OutcomeCell[];
}

/** Parts of time spent waiting that differ by less are told as equal. */
const WAITING_EQUAL = 0.002;

type Outcomes = readonly AlternativeOutcome[];

/** The result as rows of the table: fewer disk reads are better, everything else is told without a judgement. */
export function outcomeRows({ alternatives, horizonMs }: StudyResult, guests: readonly ShownGuest[]): OutcomeRow[] {
  const rows: OutcomeRow[] = [
    { key: 'reads', label: 'Disk reads, all guests', guest: null, cells: readCells(alternatives, horizonMs, hostOf) },
  ];
  const studied = studiedGuests(alternatives, guests);
  for (const guest of studied) {
    const of = (outcome: AlternativeOutcome): Reads | null =>
      outcome.guests.find(({ guestId }) => guestId === guest.id) ?? null;
    const cells = readCells(alternatives, horizonMs, of);
    rows.push({ key: `reads ${guest.id}`, label: `${guest.name} disk reads`, guest, cells });
  }
  rows.push(...slowdownRows(alternatives, studied));
  rows.push(plain('hits', 'Precache hit ratio', alternatives, ({ host }) => percent(hitRatio(host))));
  rows.push(
    plain('evictions', 'Evictions', alternatives, ({ host }) =>
      host.evictions === null ? NOTHING : rate(perSecond(host.evictions, horizonMs)),
    ),
  );
  rows.push(plain('fallow', 'Fallow memory, mean', alternatives, ({ host }) => mib(host.meanFallowPages)));
  if (alternatives.some(({ breakEvenDiskNs }) => breakEvenDiskNs !== undefined)) rows.push(breakEvenRow(alternatives));
  return rows;
}

/** The guests that were on the host at some time of the study: one that was removed before it has neither RAM nor accesses. */
export function studiedGuests<One extends { readonly id: number }>(
  alternatives: Outcomes,
  guests: readonly One[],
): One[] {
  return guests.filter(({ id }) =>
    alternatives.some((outcome) =>
      outcome.guests.some(
        ({ guestId, accesses, meanRamPages }) => guestId === id && (accesses > 0 || meanRamPages > 0),
      ),
    ),
  );
}

/** From which disks on precache pays for its copies. */
function breakEvenRow(alternatives: Outcomes): OutcomeRow {
  const cells = plain('pays', '', alternatives, ({ breakEvenDiskNs: pays }) => {
    if (pays === undefined) return NOTHING;
    if (pays.modern === null || pays.old === null) return 'finds nothing';
    return `${microseconds(pays.modern)}, old CPU ${microseconds(pays.old)}`;
  });
  return {
    ...cells,
    label: 'Precache pays above',
    about:
      'the time of one disk read from which on what precache finds is worth its copies, on a modern CPU and an old one',
  };
}

function microseconds(ns: number): string {
  return `${(ns / 1000).toFixed(1)}${GAP}µs`;
}

/** How many times slower each guest is than its workload wants, where the model counts time spent waiting. */
function slowdownRows(alternatives: Outcomes, guests: readonly ShownGuest[]): OutcomeRow[] {
  return guests.flatMap((guest): OutcomeRow[] => {
    const all = alternatives.map((outcome) => outcome.guests.find(({ guestId }) => guestId === guest.id) ?? null);
    if (all.every((one) => (one?.waitingPart ?? null) === null)) return [];
    const before = all[0]?.waitingPart ?? null;
    const doubtBefore = all[0]?.waitingError ?? 0;
    const cells = all.map((one, place): OutcomeCell => {
      const part = one?.waitingPart ?? null;
      if (part === null || part >= 1) return { text: NOTHING, change: null, verdict: null };
      const times = 1 / (1 - part);
      const text = `${times.toFixed(2)}×`;
      if (place === 0 || before === null || before >= 1) return { text, change: null, verdict: null };
      const doubt = Math.max(doubtBefore + (one?.waitingError ?? 0), WAITING_EQUAL);
      const verdict = Math.abs(part - before) <= doubt ? 'equal' : part < before ? 'better' : 'worse';
      return { text, change: changeText(times, 1 / (1 - before), verdict), verdict };
    });
    return [{ key: `slow ${guest.id}`, label: `${guest.name} slowed down`, guest, cells }];
  });
}

function hostOf({ host }: AlternativeOutcome): Reads {
  return host;
}

/** Hits of all gets: what the page caches missed. */
function hitRatio({ precacheHits, diskReads }: { precacheHits: number; diskReads: number }): number {
  return precacheHits / (precacheHits + diskReads);
}

function readCells(
  alternatives: Outcomes,
  horizonMs: number,
  of: (outcome: AlternativeOutcome) => Reads | null,
): OutcomeCell[] {
  const [first] = alternatives;
  const before = first === undefined ? null : of(first);
  return alternatives.map((outcome, place) => {
    const now = of(outcome);
    if (now === null) return { text: NOTHING, change: null, verdict: null };
    const text = rate(perSecond(now.diskReads, horizonMs));
    if (place === 0 || before === null) return { text, change: null, verdict: null };
    // A guest that the alternative removes neither wins nor loses.
    if (now.accesses === 0 && before.accesses > 0) return { text: 'removed', change: null, verdict: null };
    const verdict = verdictOf(now, before);
    return { text, change: readsChangeText(now, before, verdict), verdict };
  });
}

function plain(
  key: string,
  label: string,
  alternatives: Outcomes,
  text: (outcome: AlternativeOutcome) => string,
): OutcomeRow {
  const cells = alternatives.map((outcome) => ({ text: text(outcome), change: null, verdict: null }));
  return { key, label, guest: null, cells };
}

type Waiting = Pick<AlternativeOutcome['guests'][number], 'waitingPart' | 'waitingError'>;

/** Whether a guest waits less than in the baseline; where nothing takes time nobody waits. */
function waitingVerdict(now: Waiting, before: Waiting): Verdict {
  const more = (now.waitingPart ?? 0) - (before.waitingPart ?? 0);
  const doubt = Math.max((now.waitingError ?? 0) + (before.waitingError ?? 0), WAITING_EQUAL);
  if (Math.abs(more) <= doubt) return 'equal';
  return more < 0 ? 'better' : 'worse';
}

/** Who is slowed down less or reads less than in the baseline, and who more, by more than the stated errors. */
export function winnersAndLosers(
  outcome: AlternativeOutcome,
  baseline: AlternativeOutcome,
): { readonly winners: string[]; readonly losers: string[] } {
  const names: Record<Verdict, string[]> = { better: [], worse: [], equal: [] };
  outcome.guests.forEach((guest) => {
    const before = baseline.guests.find(({ guestId }) => guestId === guest.guestId);
    if (before === undefined || guest.accesses === 0) return;
    const waiting = waitingVerdict(guest, before);
    names[waiting === 'equal' ? verdictOf(guest, before) : waiting].push(guest.name);
  });
  return { winners: names.better, losers: names.worse };
}

/** "build, db", "nobody", or "12 guests" where the names would not fit. */
export function namesText(names: readonly string[]): string {
  if (names.length === 0) return 'nobody';
  return names.length <= 4 ? names.join(', ') : `${count(names.length)} guests`;
}
