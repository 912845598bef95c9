import type { Statement } from 'better-sqlite3';
import type { ClockEvent, Guest, PolicyName, Run, Source } from '#contract/model.ts';
import type { Connection } from '../connection.ts';
import type { RunRow } from '../run-rows.ts';
import { RUN_COLUMNS, runOf } from '../run-rows.ts';

/** What is known of a run when it begins. */
export interface NewRun {
  readonly source: Source;
  readonly guests: readonly Guest[];
  readonly totalPages: number;
  readonly reservedPages: number;
  readonly policy: PolicyName;
  readonly idleTaxPermille: number;
  readonly idleTaxWindowS: number;
  readonly seed: number;
  /** Wall time of the start, ms since 1970. */
  readonly wallMs: number;
}

export type NewClockEvent = Omit<ClockEvent, 'runId'>;

/** Begins and ends runs and keeps their clock events; its callers bring the transactions. */
export class RunLog {
  private readonly connection: Connection;
  private readonly appVersion: string;
  private readonly insertEvent: Statement;
  private readonly setSeconds: Statement;
  private readonly readRun: Statement;

  constructor(connection: Connection, appVersion: string) {
    this.connection = connection;
    this.appVersion = appVersion;
    this.insertEvent = connection.prepare(
      'INSERT INTO clockEvents (runId, hostMs, wallMs, kind, detail) VALUES (?, ?, ?, ?, ?)',
    );
    this.setSeconds = connection.prepare('UPDATE runs SET seconds = ? WHERE id = ?');
    this.readRun = connection.prepare(`SELECT ${RUN_COLUMNS} FROM runs WHERE id = ?`);
  }

  begin(run: NewRun): { run: Run; previous: Run | null } {
    const previous = this.closeLast(run.wallMs);
    // A run keeps its seconds; the gap between two runs takes one.
    const axisStartS = previous === null ? 0 : previous.axisStartS + previous.seconds + 1;
    const inserted = this.connection
      .prepare(
        `INSERT INTO runs (source, seed, totalPages, reservedPages, policy, idleTaxPermille, idleTaxWindowS, appVersion,
           axisStartS, startedAtMs) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      )
      .run(
        JSON.stringify(run.source),
        run.seed,
        run.totalPages,
        run.reservedPages,
        run.policy,
        run.idleTaxPermille,
        run.idleTaxWindowS,
        this.appVersion,
        axisStartS,
        run.wallMs,
      );
    const runId = Number(inserted.lastInsertRowid);
    const insertGuest = this.connection.prepare(
      'INSERT INTO guests (runId, guestId, name, workload, minPages, maxPages) VALUES (?, ?, ?, ?, ?, ?)',
    );
    for (const { id, name, workload, minPages, maxPages } of run.guests) {
      insertGuest.run(runId, id, name, workload, minPages, maxPages);
    }
    const what = run.source.kind === 'modelled' ? `scenario ${run.source.scenario}, seed ${run.seed}` : 'import';
    this.addEvent(runId, { hostMs: 0, wallMs: run.wallMs, kind: 'start', detail: `Run ${runId} began: ${what}.` });
    return { run: this.get(runId), previous };
  }

  /**
   * Ends a run in order, with a `stop` event at `hostMs` unless the caller has just written one.
   */
  end(runId: number, hostMs: number, wallMs: number): void {
    const lastKind: unknown = this.connection
      .prepare('SELECT kind FROM clockEvents WHERE runId = ? ORDER BY id DESC LIMIT 1')
      .pluck()
      .get(runId);
    if (lastKind !== 'stop') {
      this.addEvent(runId, { hostMs, wallMs, kind: 'stop', detail: `Run ${runId} was stopped.` });
    }
    this.close(runId, 'stopped', wallMs);
  }

  addEvent(runId: number, { hostMs, wallMs, kind, detail }: NewClockEvent): void {
    this.insertEvent.run(runId, hostMs, wallMs, kind, detail.slice(0, 300));
  }

  /** Host times of a run's events of a kind. */
  eventTimes(runId: number, kind: ClockEvent['kind']): number[] {
    return this.connection
      .prepare('SELECT hostMs FROM clockEvents WHERE runId = ? AND kind = ?')
      .pluck()
      .all(runId, kind) as number[];
  }

  /** The last run, or null. */
  last(): Run | null {
    const row = this.connection.prepare(`SELECT ${RUN_COLUMNS} FROM runs ORDER BY id DESC LIMIT 1`).get();
    return row === undefined ? null : runOf(row as RunRow);
  }

  /** Opens an ended run again, with a `start` event where its samples end. */
  reopen(runId: number, wallMs: number): Run {
    this.connection.prepare(`UPDATE runs SET endState = 'running', endedAtMs = NULL WHERE id = ?`).run(runId);
    const run = this.get(runId);
    const detail = `Run ${runId} goes on where it was recorded last.`;
    this.addEvent(runId, { hostMs: run.seconds * 1000, wallMs, kind: 'start', detail });
    return run;
  }

  /** Sets the recorded length of a run. */
  setLength(runId: number, seconds: number): void {
    this.setSeconds.run(seconds, runId);
  }

  get(runId: number): Run {
    return runOf(this.readRun.get(runId) as RunRow);
  }

  /** The last run, closed: `crashed` if it was found without an end. Marks the gap after it. */
  private closeLast(wallMs: number): Run | null {
    const last = this.connection.prepare('SELECT id, endState FROM runs ORDER BY id DESC LIMIT 1').get() as
      { id: number; endState: Run['end'] } | undefined;
    if (last === undefined) return null;
    if (last.endState === 'running') this.close(last.id, 'crashed', this.lastSeenMs(last.id));
    const run = this.get(last.id);
    const detail =
      run.end === 'crashed'
        ? `Run ${run.id} did not end in order: what came after host second ${run.seconds} is not recorded.`
        : `Nothing was recorded between run ${run.id} and the next one.`;
    this.addEvent(run.id, { hostMs: run.seconds * 1000, wallMs, kind: 'gap', detail });
    return run;
  }

  /**
   * Closes a run. Its length reaches at least to its last action or event, even where the samples up to there were lost:
   * else these would lie in the next run on the axis.
   */
  private close(runId: number, endState: 'stopped' | 'crashed', wallMs: number): void {
    this.connection
      .prepare(
        `UPDATE runs SET endState = ?, endedAtMs = ?, seconds = max(seconds,
           (SELECT coalesce(max(hostMs), 0) FROM actions WHERE runId = runs.id) / 1000,
           (SELECT coalesce(max(hostMs), 0) FROM clockEvents WHERE runId = runs.id) / 1000) WHERE id = ?`,
      )
      .run(endState, wallMs, runId);
  }

  /** The last wall time that the run's own rows tell. */
  private lastSeenMs(runId: number): number {
    return this.connection
      .prepare(
        `SELECT max(startedAtMs,
           (SELECT coalesce(max(wallMs), 0) FROM timeMap WHERE runId = runs.id),
           (SELECT coalesce(max(wallMs), 0) FROM clockEvents WHERE runId = runs.id),
           (SELECT coalesce(max(wallMs), 0) FROM actions WHERE runId = runs.id)) FROM runs WHERE id = ?`,
      )
      .pluck()
      .get(runId) as number;
  }
}
