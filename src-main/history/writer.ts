import { mkdirSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Action, Run } from '#contract/model.ts';
import type { NewStudy } from '#contract/saved-studies.ts';
import { withBackupInRemedy } from './backup/damaged.ts';
import type { Connection } from './connection.ts';
import { historyError, openForWriting } from './connection.ts';
import { migrate, probeFile } from './migrate.ts';
import { OwnerLock } from './owner-lock.ts';
import { probeContents } from './probe.ts';
import type { RetentionPolicy } from './retention.ts';
import { Retention } from './retention.ts';
import { StudyLog } from './studies/study-log.ts';
import type { NewAction } from './writer/action-log.ts';
import { ActionLog } from './writer/action-log.ts';
import type { StoredCheckpoint } from './writer/checkpoint-log.ts';
import { CheckpointLog } from './writer/checkpoint-log.ts';
import type { NewClockEvent, NewRun } from './writer/run-log.ts';
import { RunLog } from './writer/run-log.ts';
import type { SecondBatch } from './writer/second-log.ts';
import { SecondLog } from './writer/second-log.ts';
import { completeTiers, TierLog } from './writer/tier-log.ts';
import { reopenTiers } from './writer/reopen-tiers.ts';
import type { StoredSeconds } from './writer/stored-seconds.ts';
import { readStoredSeconds } from './writer/stored-seconds.ts';
import { TimeMap } from './writer/time-map.ts';

export interface HistoryWriterOptions {
  /** The database; it and its folder are created where they are missing. */
  readonly file: string;
  /** Version of the program, stored with each run. */
  readonly appVersion: string;
  /** Wall time in ms since 1970. */
  readonly wallClock?: () => number;
  /** How long what is kept; {@link DEFAULT_RETENTION} where it is not given. */
  readonly retention?: RetentionPolicy;
}

/** The run that is being recorded. What is kept in memory of it can be read back out of the file at any time. */
interface OpenRun {
  readonly id: number;
  readonly axisStartS: number;
  seconds: number;
  timeMap: TimeMap;
  tiers: TierLog | undefined;
}

/**
 * The one writer of a history. Everything is synchronous and belongs to one thread.
 *
 * Promises: a call that returned is in the file, also after `kill -9`; an action of {@link commitActions} also after a
 * power cut, as far as the disk honours flushes; samples may lose their last seconds in a power cut, the file stays sound.
 * A call that threw has changed nothing and may be repeated. Every error is a `ConsoleError`: `history-unwritable`
 * (disk full, no permission), `history-damaged`, `history-locked`, or `internal` for a mistake of the caller.
 */
export class HistoryWriter {
  private readonly file: string;
  private readonly wallClock: () => number;
  private readonly lock: OwnerLock;
  /** Samples, events and marks: synchronous=NORMAL. */
  private readonly connection: Connection;
  /** Admin actions only: synchronous=FULL. */
  private readonly auditConnection: Connection;
  private readonly runs: RunLog;
  private readonly secondLog: SecondLog;
  private readonly checkpoints: CheckpointLog;
  private readonly studies: StudyLog;
  private readonly outcomes: ActionLog;
  private readonly audit: ActionLog;
  private readonly retention: Retention;
  private run: OpenRun | undefined;

  private constructor(
    file: string,
    lock: OwnerLock,
    connection: Connection,
    auditConnection: Connection,
    options: HistoryWriterOptions,
  ) {
    this.file = file;
    this.wallClock = options.wallClock ?? Date.now;
    this.lock = lock;
    this.connection = connection;
    this.auditConnection = auditConnection;
    this.runs = new RunLog(connection, options.appVersion);
    this.secondLog = new SecondLog(connection);
    this.studies = new StudyLog(connection);
    this.checkpoints = new CheckpointLog(connection);
    this.outcomes = new ActionLog(connection);
    this.audit = new ActionLog(auditConnection);
    this.retention = new Retention(connection, options.retention);
  }

  /**
   * Opens or creates a history, takes its ownership and brings it to this program's schema.
   * @throws ConsoleError `history-newer` (a newer version's database, left untouched), `history-damaged` (its remedy names
   * the newest good backup in the folder `backups` beside it), `history-unwritable`, or `history-locked` while another process owns it.
   */
  static open(options: HistoryWriterOptions): HistoryWriter {
    let lock: OwnerLock | undefined;
    const opened: Connection[] = [];
    const open = (file: string, synchronous: 'NORMAL' | 'FULL'): Connection => {
      const connection = openForWriting(file, synchronous);
      opened.push(connection);
      return connection;
    };
    try {
      const folder = dirname(options.file);
      mkdirSync(folder, { recursive: true });
      // One name for one folder, so that ownership does not depend on the way by which a process came there.
      const file = join(realpathSync(folder), basename(options.file));
      const nowMs = (options.wallClock ?? Date.now)();
      probeFile(file);
      lock = OwnerLock.acquire(file, { appVersion: options.appVersion, nowMs });
      probeFile(file);
      const connection = open(file, 'NORMAL');
      migrate(connection, file, { nowMs, appVersion: options.appVersion });
      probeContents(connection, file);
      return new HistoryWriter(file, lock, connection, open(file, 'FULL'), options);
    } catch (error) {
      for (const connection of opened) connection.close();
      lock?.release();
      throw withBackupInRemedy(historyError(error, options.file), options.file);
    }
  }

  /** Version of the SQLite library, for people. */
  get sqliteVersion(): string {
    return String(this.connection.prepare('SELECT sqlite_version()').pluck().get());
  }

  /**
   * Begins a run on the axis of all runs, one gap second after the former one. A former run without an end is closed as
   * `crashed`. Actions that were committed and never confirmed ({@link pendingActions}) are closed as not applied: a new
   * run begins from its scenario's settings, so they are not in force; they stay in the audit, and whoever wants them
   * carried over commits them again in the new run. Writes the `gap` event of the former and the `start` event of the
   * new run.
   */
  beginRun(run: NewRun): { run: Run; previous: Run | null } {
    return this.guarded(() => {
      if (this.run !== undefined) throw new Error(`Run ${this.run.id} has not ended.`);
      completeTiers(this.connection);
      const begun = this.write(() => {
        const pending = this.outcomes.pending().map((action) => action.id);
        this.outcomes.mark(pending, 'not-applied', run.wallMs);
        return this.runs.begin(run);
      });
      const { id, axisStartS } = begun.run;
      this.run = { id, axisStartS, seconds: 0, timeMap: new TimeMap(this.connection, id), tiers: undefined };
      this.mapTime(0, run.wallMs);
      return begun;
    });
  }

  /** The last run of the history, or null in a new one. */
  lastRun(): Run | null {
    return this.guarded(() => this.runs.last());
  }

  /**
   * Goes on with the last run where its samples end, instead of beginning a new one. The caller has brought the host to
   * that point and applied what was {@link actionsAfter} the checkpoint, which it confirms with {@link markApplied}.
   */
  continueRun(runId: number, wallMs: number): Run {
    return this.guarded(() => {
      if (this.run !== undefined) throw new Error(`Run ${this.run.id} has not ended.`);
      const run = this.write(() => {
        const reopened = this.runs.reopen(runId, wallMs);
        reopenTiers(this.connection, reopened);
        return reopened;
      });
      const { id, axisStartS, seconds } = run;
      this.run = { id, axisStartS, seconds, timeMap: new TimeMap(this.connection, id), tiers: undefined };
      return run;
    });
  }

  /** Stores a checkpoint of the running run. The oldest go where all together would take more than 1 GiB. */
  writeCheckpoint(checkpoint: StoredCheckpoint, wallMs: number): void {
    this.guarded(() => {
      const { id } = this.current();
      this.write(() => this.checkpoints.add(id, checkpoint, wallMs));
    });
  }

  /** The newest checkpoint of a run, or null. */
  newestCheckpoint(runId: number): StoredCheckpoint | null {
    return this.guarded(() => this.checkpoints.newest(runId));
  }

  /** Host ms from which on the running run can be computed again exactly, or null. */
  replayableFromMs(): number | null {
    return this.guarded(() => this.checkpoints.replayableFromMs(this.current().id));
  }

  /** Actions of a run that follow this one in the audit, whether applied or not, oldest first. */
  actionsAfter(runId: number, actionId: number): Action[] {
    return this.guarded(() => this.outcomes.after(runId, actionId));
  }

  /** Number of the last action of the audit; 0 = none yet. */
  lastActionId(): number {
    return this.guarded(() => this.outcomes.lastId());
  }

  /** Samples of seconds [from, to) of a run in the layouts in which they were written. */
  readSeconds(runId: number, from: number, to: number): StoredSeconds {
    return this.guarded(() => readStoredSeconds(this.connection, runId, from, to));
  }

  /** Stores host seconds, their evictions and the time they ended, in one transaction. They follow the stored ones. */
  writeSeconds(batch: SecondBatch): void {
    this.guarded(() => {
      const run = this.current();
      const { firstSecond, seconds } = batch;
      if (firstSecond < run.seconds) {
        throw new Error(`Second ${firstSecond} of run ${run.id} came twice: ${run.seconds} are stored.`);
      }
      if (seconds === 0) return;
      const end = firstSecond + seconds;
      this.write(() => {
        const tiers = this.tiersOf(run);
        this.secondLog.write(run.id, batch);
        tiers.add(batch);
        this.runs.setLength(run.id, end);
        run.timeMap.add(Math.max(end * 1000, run.timeMap.hostMs), batch.wallMs);
      });
      run.seconds = end;
    });
  }

  /**
   * Commits a set of admin actions to the audit, all or none. They are on the disk when this returns; then the caller
   * applies them to the host, calls {@link markApplied}, and acknowledges them.
   */
  commitActions(actions: readonly NewAction[], wallMs: number): Action[] {
    return this.guarded(() => this.audit.commit(this.current().id, actions, wallMs));
  }

  /** An action of the running run by its number; undefined: it has none such. */
  action(id: number): Action | undefined {
    return this.guarded(() => this.outcomes.find(this.current().id, id));
  }

  /** Notes that the host has taken these actions over. */
  markApplied(ids: readonly number[]): void {
    this.guarded(() => this.outcomes.mark(ids, 'applied', this.wallClock()));
  }

  /** Actions that were committed and never confirmed by {@link markApplied}, oldest first. */
  pendingActions(): Action[] {
    return this.guarded(() => this.outcomes.pending());
  }

  /** Host times of the marked events of a kind that the running run has. */
  eventTimes(kind: NewClockEvent['kind']): number[] {
    return this.guarded(() => this.runs.eventTimes(this.current().id, kind));
  }

  /** Stores a marked event of the running run, and its point of the map of the clocks. */
  clockEvent(event: NewClockEvent): void {
    this.guarded(() => {
      const { id, timeMap } = this.current();
      this.write(() => {
        this.runs.addEvent(id, event);
        timeMap.add(Math.max(event.hostMs, timeMap.hostMs), event.wallMs);
      });
    });
  }

  /** Adds a point to the map from host to wall time, both in ms. Host time never goes back. */
  mapTime(hostMs: number, wallMs: number): void {
    this.guarded(() => {
      const { timeMap } = this.current();
      this.write(() => timeMap.add(Math.max(hostMs, timeMap.hostMs), wallMs));
    });
  }

  /** Keeps a study until it is deleted. @returns its number */
  saveStudy(study: NewStudy): number {
    return this.guarded(() => this.write(() => this.studies.add(study, this.wallClock())));
  }

  /** Notes that an alternative of a saved study was applied. @param actionId the first action of the set that did it */
  markStudyApplied(id: number, alternative: string, actionId: number): void {
    this.guarded(() => this.write(() => this.studies.markApplied(id, alternative, actionId)));
  }

  /** @throws ConsoleError `bad-study` where there is none of this number */
  deleteStudy(id: number): void {
    this.guarded(() => this.write(() => this.studies.delete(id)));
  }

  /**
   * One small step (a few ms) of removing what is too old or too much by the {@link RetentionPolicy}. Call it now and then
   * between flushes, again at once while it answers true: there is more to do.
   */
  retain(): boolean {
    return this.guarded(() => this.retention.step());
  }

  /** Sets how long what is kept, from the next {@link retain} on. */
  setRetention(policy: RetentionPolicy): void {
    this.retention.policy = policy;
  }

  /** Bytes of the database and its write-ahead log. */
  bytes(): number {
    let bytes = 0;
    for (const suffix of ['', '-wal']) bytes += statSync(this.file + suffix, { throwIfNoEntry: false })?.size ?? 0;
    return bytes;
  }

  /** Ends the run in order, with a `stop` event unless the caller wrote one. Nothing happens when no run is open. */
  endRun(): void {
    this.guarded(() => {
      const { run } = this;
      if (run === undefined) return;
      this.write(() => {
        this.tiersOf(run).finish();
        this.runs.end(run.id, Math.max(run.seconds * 1000, run.timeMap.hostMs), this.wallClock());
      });
      this.run = undefined;
    });
  }

  /** Closes the file and gives up its ownership. A run that was not ended is found as `crashed` by the next writer. */
  close(): void {
    this.auditConnection.close();
    this.connection.close();
    this.lock.release();
  }

  private current(): OpenRun {
    if (this.run === undefined) throw new Error('No run is open.');
    return this.run;
  }

  private tiersOf(run: OpenRun): TierLog {
    if (run.tiers === undefined) {
      run.tiers = new TierLog(this.connection, run);
      run.tiers.resume();
    }
    return run.tiers;
  }

  /** One transaction on the connection of the samples; what it left in memory is thrown away with it if it fails. */
  private write<T>(work: () => T): T {
    try {
      return this.connection.transaction(work).immediate();
    } catch (error) {
      if (this.run !== undefined) {
        this.run.timeMap = new TimeMap(this.connection, this.run.id);
        this.run.tiers = undefined;
      }
      throw error;
    }
  }

  private guarded<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw historyError(error, this.file);
    }
  }
}
