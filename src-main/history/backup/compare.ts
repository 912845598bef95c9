import { existsSync } from 'node:fs';
import type { Consequences, HistoryExtent } from '#contract/backups.ts';
import { databaseIdOf } from '../audit/anchor.ts';
import type { Connection } from '../connection.ts';
import { historyError } from '../connection.ts';
import { openSource } from './copy.ts';

interface RunLength {
  readonly id: number;
  readonly startedAtMs: number;
  readonly seconds: number;
}

interface Mark {
  readonly runId: number;
  readonly hostMs: number;
  readonly wallMs: number;
}

/** What is needed of a history to compare it with another one. */
interface Contents {
  readonly databaseId: string;
  readonly runs: readonly RunLength[];
  /** Events of the clock: two copies of one history that went different ways differ in them. */
  readonly marks: readonly Mark[];
  readonly hashes: readonly string[];
  readonly lastWallMs: number | null;
}

/**
 * What it would mean to put `chosen` in the place of `present`: what each has that the other has not. Two copies of one
 * history are alike up to the first event of the clock in which they differ, or to the end of the shorter one.
 *
 * @throws ConsoleError `history-damaged` or `history-newer` where the chosen file cannot be read.
 */
export function compareHistories(chosenFile: string, presentFile: string): Consequences {
  const chosen = contentsOf(chosenFile);
  const present = presentContents(presentFile);
  const sameHistory = present !== null && chosen.databaseId === present.databaseId;
  const branch = sameHistory ? branchOf(chosen, present) : { runId: 0, seconds: 0 };
  const common = sameHistory ? commonRows(chosen.hashes, present.hashes) : 0;
  return {
    chosen: extentOf(chosen),
    present: present === null ? null : extentOf(present),
    setAside: present === null ? NOTHING : beyond(present, branch, common),
    broughtBack: beyond(chosen, branch, common),
    sameHistory,
  };
}

const NOTHING: HistoryExtent = { runs: 0, seconds: 0, actions: 0, lastWallMs: null };

/** The place up to which two copies of one history are alike: a run, and seconds of it. */
interface Branch {
  readonly runId: number;
  readonly seconds: number;
}

function branchOf(a: Contents, b: Contents): Branch {
  const at = a.marks.findIndex((mark, place) => !sameMark(mark, b.marks[place]));
  const place = at === -1 ? a.marks.length : at;
  const ends = [a.marks[place], b.marks[place]].flatMap((mark) =>
    mark === undefined ? [] : [{ runId: mark.runId, seconds: Math.floor(mark.hostMs / 1000) }],
  );
  for (const { runs } of [a, b]) {
    const last = runs.at(-1);
    ends.push(last === undefined ? { runId: 0, seconds: 0 } : { runId: last.id, seconds: last.seconds });
  }
  return ends.reduce((least, end) => (isBefore(end, least) ? end : least));
}

const isBefore = (a: Branch, b: Branch): boolean =>
  a.runId - b.runId < 0 || (a.runId === b.runId && a.seconds < b.seconds);

function sameMark(a: Mark, b: Mark | undefined): boolean {
  return a.runId === b?.runId && a.hostMs === b.hostMs && a.wallMs === b.wallMs;
}

/** What a history holds after a place that it has in common with another one. */
function beyond({ runs, hashes, lastWallMs }: Contents, branch: Branch, commonRows: number): HistoryExtent {
  const later = runs.map(({ id, seconds }) =>
    id < branch.runId ? 0 : id === branch.runId ? Math.max(0, seconds - branch.seconds) : seconds,
  );
  return {
    runs: runs.filter(({ id }) => id > branch.runId).length,
    seconds: later.reduce((sum, seconds) => sum + seconds, 0),
    actions: hashes.length - commonRows,
    lastWallMs,
  };
}

/** How many rows of the audit are alike: each hash covers all before it. */
function commonRows(a: readonly string[], b: readonly string[]): number {
  const differs = a.findIndex((hash, at) => hash !== b[at]);
  return differs === -1 ? a.length : differs;
}

function extentOf({ runs, hashes, lastWallMs }: Contents): HistoryExtent {
  return {
    runs: runs.length,
    seconds: runs.reduce((sum, { seconds }) => sum + seconds, 0),
    actions: hashes.length,
    lastWallMs,
  };
}

/** The history in place; null where there is none, or where it cannot be read: it is set aside all the same. */
function presentContents(file: string): Contents | null {
  if (!existsSync(file)) return null;
  try {
    return contentsOf(file);
  } catch (error) {
    if (historyError(error, file).code === 'history-damaged') return null;
    throw error;
  }
}

function contentsOf(file: string): Contents {
  try {
    const connection = openSource(file);
    try {
      return connection.transaction(() => read(connection)).deferred();
    } finally {
      connection.close();
    }
  } catch (error) {
    throw historyError(error, file);
  }
}

function read(connection: Connection): Contents {
  const all = <T>(sql: string): T[] => connection.prepare(sql).all() as T[];
  return {
    databaseId: databaseIdOf(connection),
    runs: all<RunLength>('SELECT id, startedAtMs, seconds FROM runs ORDER BY id'),
    marks: all<Mark>('SELECT runId, hostMs, wallMs FROM clockEvents ORDER BY id'),
    hashes: all<{ hash: string }>('SELECT hash FROM actions ORDER BY id').map(({ hash }) => hash),
    lastWallMs: (connection.prepare('SELECT max(wallMs) FROM timeMap').pluck().get() ?? null) as number | null,
  };
}
