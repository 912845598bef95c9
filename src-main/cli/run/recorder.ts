import type { Guest } from '#contract/model.ts';
import type { Host } from '#main/host/host.ts';
import type { HostConfig } from '#main/host/host-config.ts';
import type { SampleBatch } from '#main/host/sample-batch.ts';
import { configDigestOf } from '#main/history/checkpoint-state.ts';
import { HistoryWriter } from '#main/history/writer.ts';
import { takeCheckpoint } from '#main/host-thread/checkpoint.ts';
import { ScenarioMarks } from '#main/host-thread/scenario-marks.ts';
import type { EventMark } from '#main/scenario/event-marks.ts';

/** Between two checkpoints at the least, as in the live host. */
const CHECKPOINT_WALL_MS = 30_000;

/**
 * Records a run in a history as the live host does: its samples, evictions and checkpoints. The run can be looked at,
 * reported and, with the same scenario, gone on with in the console.
 */
export class Recorder {
  private readonly history: HistoryWriter;
  private readonly host: Host;
  private readonly configDigest: string;
  private checkpointAt = performance.now();

  private readonly marks: ScenarioMarks;

  private constructor(history: HistoryWriter, host: Host, config: HostConfig, events: readonly EventMark[]) {
    this.history = history;
    this.marks = new ScenarioMarks(events, []);
    this.host = host;
    this.configDigest = configDigestOf(config);
  }

  /**
   * Opens or creates the history, begins a run in it, and takes its first checkpoint.
   * @throws ConsoleError the history's
   */
  static async begin(
    file: string,
    host: Host,
    config: HostConfig,
    about: { readonly scenario: string; readonly guests: readonly Guest[]; readonly events: readonly EventMark[] },
  ): Promise<Recorder> {
    const history = HistoryWriter.open({ file, appVersion: 'command line' });
    try {
      history.beginRun({
        source: { kind: 'modelled', scenario: about.scenario, seed: config.seed },
        guests: about.guests,
        totalPages: config.totalPages,
        reservedPages: config.reservedPages,
        policy: config.policy,
        idleTaxPermille: config.idleTaxPermille,
        idleTaxWindowS: config.idleTaxWindowS,
        seed: config.seed,
        wallMs: Date.now(),
      });
      const recorder = new Recorder(history, host, config, about.events);
      await recorder.checkpoint();
      return recorder;
    } catch (error) {
      history.close();
      throw error;
    }
  }

  /** Stores what happened since the last call. The samples must reach up to the host's present second. */
  async store(batch: SampleBatch): Promise<void> {
    if (batch.seconds > 0) {
      this.history.writeSeconds({ ...batch, guestIds: this.host.guestIds, wallMs: Date.now() });
    }
    for (let mark = this.marks.due(this.host.hostMs); mark !== null; mark = this.marks.due(this.host.hostMs)) {
      this.history.clockEvent({ hostMs: mark.hostMs, wallMs: Date.now(), kind: 'scenario', detail: mark.text });
      this.marks.done();
    }
    if (performance.now() - this.checkpointAt >= CHECKPOINT_WALL_MS) await this.checkpoint();
  }

  /** Ends the run in order, with a last checkpoint. Everything must have been stored. */
  async end(): Promise<void> {
    await this.checkpoint();
    this.history.endRun();
  }

  close(): void {
    this.history.close();
  }

  private async checkpoint(): Promise<void> {
    const taken = await takeCheckpoint(this.host, this.configDigest, this.history.lastActionId());
    this.history.writeCheckpoint(taken, Date.now());
    this.checkpointAt = performance.now();
  }
}
