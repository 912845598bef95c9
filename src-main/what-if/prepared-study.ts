import type { HostConfig } from '../host/host-config.ts';
import { candidatesOf, type CandidateTape } from './candidate-tape.ts';
import { type NamedSetting, type Setting, settingOf } from './changes.ts';
import { record, type Recording } from './recording.ts';
import { CurveStudy } from './curves.ts';
import { SAMPLED_PAGES_LEAST, type SampledRecording, sampleRecording } from './sampled-recording.ts';
import { Slices } from './slices.ts';
import { distancesOf } from './stack-distances.ts';
import { type HostStart, readStart, stateOf } from './start-state.ts';
import type { Alternative, StudyStart, TimedCommand } from './study.ts';
import { blind, StudyError } from './study-error.ts';

/** Above this part of the pages a sample saves little of a full run, which is exact. */
const RATE_WORTH_IT = 0.2;
/** Longest horizon: a host day. */
export const HORIZON_MS_MAX = 86_400_000;

/**
 * The start of a study and what is made from it once for all alternatives and engines: the recording of the coming
 * stretch and the stack distances of its references, each when it is first asked for.
 */
export class PreparedStudy {
  readonly start: StudyStart;
  readonly parts: HostStart;
  readonly config: HostConfig;
  readonly horizonMs: number;
  /** What was changed within the time. */
  readonly commands: readonly TimedCommand[];
  private recorded: Recording | null = null;
  private measured: Int32Array | null = null;
  private curveStudy: CurveStudy | null = null;
  private readonly samples = new Map<number, SampledRecording>();

  /** @param horizonMs whole host ms. @throws StudyError, or Error when the state is not of the config */
  constructor(start: StudyStart, horizonMs: number) {
    if (!Number.isInteger(horizonMs) || horizonMs < 1 || horizonMs > HORIZON_MS_MAX) {
      throw new StudyError(
        'bad-study',
        `A horizon of ${horizonMs} ms is not a whole number from 1 to ${HORIZON_MS_MAX}.`,
        'Study up to one host day.',
      );
    }
    this.start = { ...start, state: stateOf(start) };
    this.config = start.config;
    this.parts = readStart(this.start);
    this.horizonMs = horizonMs;
    const { hostMs: fromMs } = this.parts;
    this.commands = (start.commands ?? []).filter(({ hostMs }) => hostMs > fromMs && hostMs < fromMs + horizonMs);
  }

  /** @throws StudyError for an alternative that the host would refuse */
  settingOf(alternative: Alternative): NamedSetting {
    return { name: alternative.name, setting: settingOf(alternative, this.parts, this.config, this.commands) };
  }

  /** @throws StudyError `bad-study` where what the guests do is more than reading files through plain LRU caches */
  async recording(slices = new Slices()): Promise<Recording> {
    if (!this.parts.isEstimable) throw blind('curves');
    // Recording uses the workloads up, so it has a start of its own: one that was cancelled half way can be begun again.
    this.recorded ??= await record(readStart(this.start), this.horizonMs, this.commands, slices);
    return this.recorded;
  }

  async distances(slices = new Slices()): Promise<Int32Array> {
    const recording = await this.recording(slices.part(0, 0.3));
    this.measured ??= await distancesOf(this.parts, recording, slices.part(0.3, 1));
    return this.measured;
  }

  /** The tape of {@link runDistances} for alternatives with these settings. */
  async tape(settings: readonly Setting[], slices = new Slices()): Promise<CandidateTape> {
    const distances = await this.distances(slices);
    const leastRam = this.parts.guests.map(({ ramPages }, place) =>
      Math.min(ramPages, ...settings.map((setting) => leastTarget(setting, place, this.config.guests[place].id))),
    );
    return candidatesOf(await this.recording(), distances, this.parts, leastRam);
  }

  /** The curves of the guests. */
  async curves(slices = new Slices()): Promise<CurveStudy> {
    const distances = await this.distances(slices.part(0, 0.9));
    const { parts: start, config, horizonMs } = this;
    const about = { start, config, horizonMs };
    this.curveStudy ??= await CurveStudy.of(await this.recording(), distances, about, slices.part(0.9, 1));
    return this.curveStudy;
  }

  /**
   * The recording's sample at this rate, or at the lowest higher one that leaves enough pages; rate 1 means that the
   * recording has too few pages for any.
   */
  async sample(rate: number, slices = new Slices(), salt = 0): Promise<SampledRecording> {
    const recording = await this.recording(slices);
    const key = rate + salt;
    const known = this.samples.get(key);
    if (known !== undefined) return known;
    let sample = await sampleRecording(recording, this.parts, { rate, salt }, slices);
    // A tenth more than the number aimed at: which pages are in the sample is chance.
    if (sample.sampledPages < SAMPLED_PAGES_LEAST) {
      const needed = (1.1 * rate * SAMPLED_PAGES_LEAST) / Math.max(1, sample.sampledPages);
      sample = await sampleRecording(
        recording,
        this.parts,
        { rate: needed > RATE_WORTH_IT ? 1 : needed, salt },
        slices,
      );
    }
    this.samples.set(key, sample);
    return sample;
  }
}

/** The least balloon target that a guest has at any time under a setting. */
function leastTarget({ targetPages, commands }: Setting, place: number, guestId: number): number {
  return commands.reduce(
    (least, { change }) =>
      change.kind === 'balloon-target' && change.guestId === guestId ? Math.min(least, change.pages) : least,
    targetPages[place],
  );
}
