import { ConsoleError, type Failure } from '#contract/errors.ts';
import type { Action, Change, ClockEvent, Speed } from '#contract/model.ts';
import type { Frame } from '#contract/stream.ts';
import type { Host } from '../host/host.ts';
import type { SampleBatch } from '../host/sample-batch.ts';
import type { RetentionPolicy } from '../history/retention.ts';
import type { HistoryWriter } from '../history/writer.ts';
import { applyAction, planActions, settingsOf } from './admin-changes.ts';
import { takeCheckpoint } from './checkpoint.ts';
import { ClockWatch } from './clock-watch.ts';
import { Pacer } from './pacer.ts';
import type { ScenarioMarks } from './scenario-marks.ts';
import { joinBatches, newestForFrame } from './sample-backlog.ts';

/** Wall ms that one slice of the model may take before commands are looked at again. */
const SLICE_WALL_MS = 20;
/** Host ms that the model runs between two looks at the wall clock. */
const STEP_HOST_MS = 50;
const FRAME_WALL_MS = 250;
/** Samples reach the disk at least this often: under the wall second that a crash may cost. */
const FLUSH_WALL_MS = 500;
/** A checkpoint at most this often, besides one for each change set and one at the end. */
const CHECKPOINT_WALL_MS = 30_000;
/** Retention is looked at this often; while it has something to remove, it takes one small step a slice. */
const RETAIN_WALL_MS = 60_000;
/** Host seconds that wait in memory while the history cannot be written; older ones are given up as a gap. */
const WAITING_SECONDS_MAX = 3_600;
/** Reached speed is measured over this long. */
const SPEED_WINDOW_MS = 1_000;

/** What the loop needs of the world. */
interface World {
  readonly host: Host;
  readonly history: HistoryWriter;
  readonly runId: number;
  readonly configDigest: string;
  /** The last action in force; 0 = none. */
  readonly lastActionId: number;
  /** Monotonic wall clock, ms. */
  readonly now: () => number;
  /** Wall time, ms since 1970. */
  readonly wallMs: () => number;
  readonly emit: (frame: Frame) => void;
  /** Events of the scenario that the history is to mark. */
  readonly scenarioMarks?: ScenarioMarks;
}

/**
 * Runs a host against the clock: slices short enough that commands never wait, samples to the history, frames to the
 * window. It owns the order of an admin action: validate, commit the audit row, apply, acknowledge.
 */
export class HostLoop {
  private readonly world: World;
  private readonly pacer: Pacer;
  private sequence = 0;
  private unframed: SampleBatch[] = [];
  private unwritten: SampleBatch[] = [];
  private actions: Action[] = [];
  private clockEvents: ClockEvent[] = [];
  private lastFrameAt = -Infinity;
  private lastFlushAt: number;
  private speedMark: { wall: number; hostMs: number };
  private reachedSpeed = 0;
  private historyFailure: Failure | null = null;
  /** What a look through the file has found; stays. */
  private damage: Failure | null = null;
  private readonly clock: ClockWatch;
  private lastActionId: number;
  private retaining = true;
  private lastRetainAt: number;
  private lastCheckpointAt: number;
  private lastCheckpointHostMs = -1;
  /** The checkpoint that is being compressed, and whether another is wanted after it. */
  private checkpointing: Promise<void> | null = null;
  private checkpointWanted = false;
  private replayableFromMs: number | null;

  constructor(world: World) {
    this.world = world;
    this.pacer = new Pacer(world.now);
    this.lastFlushAt = world.now();
    this.lastCheckpointAt = world.now() - CHECKPOINT_WALL_MS;
    this.lastRetainAt = world.now();
    this.lastActionId = world.lastActionId;
    this.replayableFromMs = world.history.replayableFromMs();
    this.speedMark = { wall: world.now(), hostMs: world.host.hostMs };
    this.clock = new ClockWatch(world.now, world.wallMs);
    this.world.history.mapTime(world.host.hostMs, world.wallMs());
  }

  /**
   * One slice: runs the model towards its target, then sends and writes what is due.
   * @returns wall ms until the next slice is wanted; 0 = at once.
   */
  slice(): number {
    const { host, now } = this.world;
    const started = now();
    this.checkClock();
    const lostMs = this.pacer.forgetLag(host.hostMs);
    if (lostMs > 0) this.mark('gap', `The machine slept or was too slow: ${lostMs} ms of wall time were left out.`);
    const target = this.pacer.targetMs(host.hostMs);
    while (host.hostMs < target && now() - started < SLICE_WALL_MS) {
      host.runTo(Math.min(target, host.hostMs + STEP_HOST_MS));
    }
    this.collect();
    this.markScenario();
    const wall = now();
    if (wall - this.speedMark.wall >= SPEED_WINDOW_MS) this.measureSpeed(wall);
    if (wall - this.lastFlushAt >= FLUSH_WALL_MS) this.flush();
    if (wall - this.lastCheckpointAt >= CHECKPOINT_WALL_MS) this.checkpoint();
    if (this.retaining || wall - this.lastRetainAt >= RETAIN_WALL_MS) this.retain(wall);
    if (wall - this.lastFrameAt >= FRAME_WALL_MS) this.sendFrame(wall);
    return host.hostMs < this.pacer.targetMs(host.hostMs) ? 0 : SLICE_WALL_MS;
  }

  setPaused(paused: boolean): { hostMs: number } {
    const { hostMs } = this.world.host;
    if (paused !== this.pacer.paused) {
      this.pacer.set(paused, this.pacer.speed, hostMs);
      this.mark(paused ? 'pause' : 'resume', paused ? 'Paused.' : `Resumed at ${this.pacer.speed}.`);
      this.afterChange();
    }
    return { hostMs };
  }

  setSpeed(speed: Speed): { hostMs: number } {
    const { hostMs } = this.world.host;
    if (speed !== this.pacer.speed) {
      const before = this.pacer.speed;
      this.pacer.set(this.pacer.paused, speed, hostMs);
      this.mark('speed', `Speed ${before} → ${speed}.`);
      this.afterChange();
    }
    return { hostMs };
  }

  /**
   * Applies changes, all or none, at the present host time. The audit rows are on the disk before the host is touched.
   * @param reason why, for the audit
   * @param undoes for each change the number of the action that it sets back
   * @throws ConsoleError `unknown-guest`, `bad-balloon-target`, `bad-host-size`, `bad-request`, or the history's when it
   * cannot be written.
   */
  applyChanges(
    changes: readonly Change[],
    { reason = null, undoes = null }: { reason?: string | null; undoes?: readonly number[] | null } = {},
  ): { actions: Action[] } {
    const { host, history, wallMs } = this.world;
    const undone = undoes?.map((id) => this.ownAction(id)) ?? null;
    const actions = history.commitActions(planActions(host, changes, { reason, undoes: undone }), wallMs());
    for (const action of actions) applyAction(host, action);
    // The rows are on the disk and the host has them: they are acknowledged even if the mark has to wait for a restart.
    this.orSayWhy(() => history.markApplied(actions.map((action) => action.id)));
    this.lastActionId = actions.at(-1)?.id ?? this.lastActionId;
    this.actions.push(...actions);
    this.checkpoint();
    this.sendFrame(this.world.now());
    return { actions };
  }

  private ownAction(id: number): Action {
    const action = this.world.history.action(id);
    if (action !== undefined) return action;
    throw new ConsoleError(
      'bad-request',
      `Row ${id} of the audit is not of this run: it cannot be undone here.`,
      'Set what you want on the Guests page instead.',
    );
  }

  /** Sets how long the history keeps what, and begins to apply it. */
  setRetention(policy: RetentionPolicy): void {
    this.world.history.setRetention(policy);
    this.retaining = true;
  }

  /** Notes what a look through the whole file has found: nothing, or what is wrong, first things first. */
  noteCheck(problems: readonly string[]): void {
    if (problems.length === 0) {
      this.mark('check', 'The history was looked through, as it was not closed in order: it is sound.');
      return;
    }
    const sentence = `The history is damaged: ${problems.join('; ')}.`;
    this.damage = {
      code: 'history-damaged',
      message: sentence.slice(0, 2_000),
      remedy: 'Put a backup in its place; what is there now is kept.',
    };
    this.mark('check', sentence.slice(0, 300));
  }

  /**
   * Writes everything, a last checkpoint too, and ends the run. The host must not run on meanwhile.
   * @param because a sentence for the mark; null: none
   */
  async end(because: string | null = null): Promise<void> {
    this.collect();
    this.markScenario();
    this.mark('stop', because ?? 'Stopped.');
    this.flush();
    await this.checkpointing;
    this.checkpoint();
    await this.checkpointing;
    this.world.history.endRun();
  }

  /**
   * Takes a checkpoint unless the last one already stands here. Samples up to it are stored first, so that a restart finds
   * every second that the checkpoint has behind it.
   */
  private checkpoint(): void {
    const { host, history, configDigest, wallMs } = this.world;
    if (this.checkpointing !== null) {
      this.checkpointWanted = true;
      return;
    }
    this.lastCheckpointAt = this.world.now();
    if (host.hostMs === this.lastCheckpointHostMs && !this.checkpointWanted) return;
    this.checkpointWanted = false;
    this.lastCheckpointHostMs = host.hostMs;
    this.collect();
    this.flush();
    this.checkpointing = takeCheckpoint(host, configDigest, this.lastActionId)
      .then((checkpoint) => {
        history.writeCheckpoint(checkpoint, wallMs());
        this.replayableFromMs = history.replayableFromMs();
      })
      .catch((error: unknown) => {
        this.historyFailure = ConsoleError.failureOf(error);
      })
      .finally(() => {
        this.checkpointing = null;
        if (this.checkpointWanted) this.checkpoint();
      });
  }

  /**
   * Whether the machine's clock was set since the last slice. Host time goes on as it was; in the map from host to wall time
   * the step is upright, so that each host time still has its wall time.
   */
  private checkClock(): void {
    const { history, host } = this.world;
    const { stepMs, expectedMs } = this.clock.look();
    if (stepMs === 0) return;
    this.orSayWhy(() => history.mapTime(host.hostMs, expectedMs));
    const how = stepMs < 0 ? 'back' : 'forward';
    this.mark('clock', `The clock of this machine was set ${how} by ${Math.round(Math.abs(stepMs) / 1_000)} s.`);
  }

  private collect(): void {
    const batch = this.world.host.takeSamples();
    if (batch.seconds === 0) return;
    this.unframed.push(batch);
    this.unwritten.push(batch);
  }

  /** Writes what waits. While the history refuses, samples stay in memory and the window is told why. */
  private flush(): void {
    const { host, history, wallMs } = this.world;
    this.lastFlushAt = this.world.now();
    const batch = joinBatches(this.unwritten, host.guestIds.length);
    if (batch.seconds === 0) return;
    try {
      history.writeSeconds({ ...batch, guestIds: host.guestIds, wallMs: wallMs() });
      history.mapTime(host.hostMs, wallMs());
      this.unwritten = [];
      this.historyFailure = null;
    } catch (error) {
      this.historyFailure = ConsoleError.failureOf(error);
      let waiting = batch.seconds;
      while (waiting > WAITING_SECONDS_MAX) waiting -= this.unwritten.shift()?.seconds ?? waiting;
    }
  }

  private mark(kind: ClockEvent['kind'], detail: string): void {
    const event = { hostMs: this.world.host.hostMs, wallMs: this.world.wallMs(), kind, detail };
    this.orSayWhy(() => this.world.history.clockEvent(event));
    this.clockEvents.push({ runId: this.world.runId, ...event });
  }

  /**
   * Marks the events of the scenario that happened since the last slice. The seconds before them are stored first, so that
   * the run never seems longer than its samples reach; while the history cannot be written, they wait.
   */
  private markScenario(): void {
    const { history, host, runId, scenarioMarks, wallMs } = this.world;
    if (scenarioMarks === undefined || scenarioMarks.due(host.hostMs) === null || !this.isWritable()) return;
    this.flush();
    for (let mark = scenarioMarks.due(host.hostMs); mark !== null; mark = scenarioMarks.due(host.hostMs)) {
      if (!this.isWritable()) return;
      const event = { hostMs: mark.hostMs, wallMs: wallMs(), kind: 'scenario' as const, detail: mark.text };
      this.orSayWhy(() => {
        history.clockEvent(event);
        scenarioMarks.done();
        this.clockEvents.push({ runId, ...event });
      });
    }
  }

  /** Nothing is known to keep the history from being written. */
  private isWritable(): boolean {
    return this.historyFailure === null;
  }

  private retain(wall: number): void {
    this.lastRetainAt = wall;
    this.retaining = false;
    this.orSayWhy(() => {
      this.retaining = this.world.history.retain();
    });
  }

  /** Does what may wait while the history cannot be written; the window is told why it could not be done now. */
  private orSayWhy(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.historyFailure = ConsoleError.failureOf(error);
    }
  }

  private afterChange(): void {
    this.collect();
    this.flush();
    this.speedMark = { wall: this.world.now(), hostMs: this.world.host.hostMs };
    this.sendFrame(this.world.now());
  }

  private measureSpeed(wall: number): void {
    const { hostMs } = this.world.host;
    this.reachedSpeed = (hostMs - this.speedMark.hostMs) / (wall - this.speedMark.wall);
    this.speedMark = { wall, hostMs };
  }

  private sendFrame(wall: number): void {
    const { host, history, runId } = this.world;
    this.collect();
    this.lastFrameAt = wall;
    const batch = newestForFrame(joinBatches(this.unframed, host.guestIds.length), host.guestIds.length);
    this.unframed = [];
    this.world.emit({
      kind: 'frame',
      sequence: this.sequence++,
      runId,
      hostMs: host.hostMs,
      paused: this.pacer.paused,
      speed: this.pacer.speed,
      reachedSpeed: this.reachedSpeed,
      lagMs: this.pacer.lagMs(host.hostMs),
      historyBytes: history.bytes(),
      historyFailure: this.historyFailure ?? this.damage,
      replayableFromMs: this.replayableFromMs,
      settings: settingsOf(host),
      guestIds: [...host.guestIds],
      ...batch,
      actions: this.actions,
      clockEvents: this.clockEvents,
    });
    this.actions = [];
    this.clockEvents = [];
  }
}
