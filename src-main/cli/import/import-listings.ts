import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { ConsoleError } from '#contract/errors.ts';
import type { Guest } from '#contract/model.ts';
import { GUESTS_MAX } from '#contract/units.ts';
import { HistoryWriter } from '#main/history/writer.ts';
import { type LoggedListing, readXenListings } from '#main/trace/xen-listing-log.ts';
import { TraceError } from '#main/trace/trace-error.ts';
import type { StudyOptions } from '#main/what-if/study.ts';
import { parseDuration } from '../what-if/units.ts';
import { domainsOf, GAP_S, type PlacedListing, secondsBetween } from './listing-samples.ts';

const MS_PER_S = 1_000;
/** Tmem's idle tax is not Xen's. */
const NO_TAX = { idleTaxPermille: 0, idleTaxWindowS: 10 } as const;

/** What became of an import. */
export interface ImportedRun {
  readonly runId: number;
  readonly listings: number;
  readonly domains: readonly string[];
  /** Seconds of the run, and how many of them no listing is near enough to tell of. */
  readonly seconds: number;
  readonly gapSeconds: number;
  readonly notes: readonly string[];
}

interface TimedListing extends LoggedListing {
  readonly file: string;
  readonly wallMs: number;
}

/**
 * Imports listings of Xen's tmem into a history, as one run: the settings and pages of each domain and what it did between
 * two listings, spread evenly. Nothing is written unless all of them can be read.
 * @param every how far apart the listings are (`10s`); undefined: as the lines before them or the times of their files say
 * @throws ConsoleError `bad-trace` with file and line, `bad-argument`, those of the history
 */
export async function importListings(
  files: readonly string[],
  { database, every }: { readonly database: string; readonly every: string | undefined },
  { signal, onProgress }: StudyOptions,
): Promise<ImportedRun> {
  const everyMs = every === undefined ? null : parseDuration(every, '--every');
  if (everyMs !== null && (everyMs < MS_PER_S || everyMs % MS_PER_S !== 0)) {
    throw new ConsoleError('bad-argument', `--every: "${every}" is no whole number of seconds.`, 'Give 1s, 10s, 5m …');
  }
  const timed: TimedListing[] = [];
  for (const [at, file] of files.entries()) {
    timed.push(...(await timedListings(file, everyMs, signal)));
    onProgress?.((at + 1) / (files.length + 1));
  }
  if (everyMs === null) timed.sort((a, b) => a.wallMs - b.wallMs);
  const startMs = timed[0]?.wallMs ?? 0;
  const at = (place: number, wallMs: number): number =>
    everyMs === null ? Math.round((wallMs - startMs) / MS_PER_S) : (place * everyMs) / MS_PER_S;
  const placed = timed.map((one, place) => ({ ...one, second: at(place, one.wallMs) }));
  refuseUnplaced(placed);
  const guests = guestsOf(placed);
  return write(database, placed, guests, startMs);
}

async function timedListings(
  file: string,
  everyMs: number | null,
  signal: AbortSignal | undefined,
): Promise<TimedListing[]> {
  const listings = await readXenListings(file, { signal }).catch((error: unknown) => {
    if (!(error instanceof TraceError)) throw error;
    throw new ConsoleError(error.code, error.message, error.remedy, { cause: error });
  });
  const { mtimeMs } = await stat(file);
  return listings.map((one, place) => {
    const where = `${file}: line ${one.line}`;
    refuseIncomplete(one, where);
    const { wallMs } = one;
    if (everyMs === null && wallMs === null && listings.length > 1) {
      throw new ConsoleError(
        'bad-trace',
        `${where}: nothing says when this listing was made.`,
        'Say how far apart they are with --every, or have "date +%s" print a line before each.',
      );
    }
    // The file was written last when its last listing was.
    const before = (everyMs ?? 0) * (listings.length - 1 - place);
    return { ...one, file, wallMs: wallMs ?? Math.round(mtimeMs) - before };
  });
}

/** A listing that leaves out what a history is made of. */
function refuseIncomplete({ listing }: LoggedListing, where: string): void {
  const remedy = 'Make listings with "xl tmem-list -l -a".';
  if (listing.global === null) {
    throw new ConsoleError('bad-trace', `${where}: the listing is of one domain, and not of the host.`, remedy);
  }
  if (listing.global.detail === null) {
    throw new ConsoleError('bad-trace', `${where}: the listing is a short one, which tells nobody's pages.`, remedy);
  }
  if (!listing.isWhole) {
    throw new ConsoleError('bad-trace', `${where}: the listing is cut off: its last record ("T") is missing.`, remedy);
  }
}

function refuseUnplaced(placed: readonly (TimedListing & PlacedListing)[]): void {
  for (const [at, { second, file, line }] of placed.entries()) {
    const former = placed[at - 1];
    if (former === undefined || second > former.second) continue;
    throw new ConsoleError(
      'bad-trace',
      `${file}: line ${line}: the listing is not at least a second later than that of ${former.file}, line ${former.line}.`,
      'Say how far apart they are with --every, with the files in order.',
    );
  }
}

function guestsOf(placed: readonly TimedListing[]): Guest[] {
  const told = 'a domain of Xen: what its listings tell, spread evenly between them; RAM, accesses and disk reads are not in them'; // prettier-ignore
  const guests = domainsOf(
    placed.map(({ listing }) => listing),
    told,
  );
  if (guests.length > 0 && guests.length <= GUESTS_MAX) return guests;
  throw new ConsoleError(
    'bad-trace',
    guests.length === 0
      ? 'No listing names a domain that uses tmem.'
      : `The listings name ${guests.length} domains, and a history has at most ${GUESTS_MAX}.`,
    guests.length === 0 ? 'Make them while guests with tmem run.' : 'Import them in several parts.',
  );
}

function write(
  file: string,
  placed: readonly (TimedListing & PlacedListing)[],
  guests: readonly Guest[],
  startMs: number,
): ImportedRun {
  let nowMs: number | null = null;
  const history = HistoryWriter.open({ file, appVersion: 'command line', wallClock: () => nowMs ?? Date.now() });
  try {
    if (history.lastRun()?.source.kind === 'modelled') {
      throw new ConsoleError(
        'bad-argument',
        `${file} is the history of a modelled host, which a console goes on with.`,
        'Import into a history of its own: name a new file.',
      );
    }
    const batches = placed.map((one, at) => secondsBetween(placed[at - 1] ?? null, one, guests));
    const iso = (ms: number): string => new Date(ms).toISOString();
    const lastMs = placed.at(-1)?.wallMs ?? startMs;
    nowMs = startMs;
    const { run } = history.beginRun({
      source: { kind: 'imported', from: iso(startMs), to: iso(lastMs) },
      guests,
      totalPages: Math.max(...placed.map(({ listing }) => listing.global?.detail?.framesMax ?? 0)),
      reservedPages: 0,
      policy: 'xen-shipped',
      ...NO_TAX,
      seed: 0,
      wallMs: startMs,
    });
    const none = new Float64Array(0);
    for (const [at, batch] of batches.entries()) {
      nowMs = Math.max(nowMs, placed[at]?.wallMs ?? startMs);
      const guestIds = guests.map(({ id }) => id);
      history.writeSeconds({ ...batch, guestIds, evictions: none, evictionSamples: none, wallMs: nowMs });
    }
    history.endRun();
    const seconds = (placed.at(-1)?.second ?? 0) + 1;
    const recorded = batches.reduce((sum, batch) => sum + batch.seconds, 0);
    return {
      ...{ runId: run.id, listings: placed.length, domains: guests.map(({ name }) => name) },
      ...{ seconds, gapSeconds: seconds - recorded, notes: notesOf(placed) },
    };
  } finally {
    history.close();
  }
}

/** What the listings say of themselves, each sentence once. */
function notesOf(placed: readonly (TimedListing & PlacedListing)[]): string[] {
  const said = placed.flatMap(({ file, line, listing }) =>
    listing.notes.map((note) => `${basename(file)}, line ${line}: ${note}`),
  );
  const gaps = placed.filter(({ second }, at) => second - (placed[at - 1]?.second ?? second) > GAP_S).length;
  const apart = `${GAP_S / 60} minutes`;
  return [
    ...said,
    ...(gaps === 0 ? [] : [`${gaps} ${gaps === 1 ? 'pair' : 'pairs'} of listings lie more than ${apart} apart: gaps.`]),
  ];
}
