import { ConfigValueError, requireWhole } from '../config-value.ts';
import { Random } from '../random.ts';
import { Boot, type BootConfig } from './boot.ts';
import type { CompactTrace } from './compact-trace.ts';
import { Database, type DatabaseConfig } from './database.ts';
import { Idle, type IdleConfig } from './idle.ts';
import { KernelCompile, type CompileConfig } from './kernel-compile.ts';
import { Modulated, type RateSlot } from './modulated.ts';
import { type PhaseOf, Phases } from './phases.ts';
import { type ScanConfig, SequentialScan } from './sequential-scan.ts';
import { Together } from './together.ts';
import { type Pace, TracePlayer } from './trace-player.ts';
import { Usemem, type UsememConfig } from './usemem.ts';
import type { Workload } from './workload.ts';
import { ZipfFiles, type ZipfFilesConfig } from './zipf-files.ts';

/** A recorded trace at a stated pace. */
interface TraceWorkload {
  readonly kind: 'trace';
  readonly trace: CompactTrace;
  readonly pace: Pace;
}

/** A workload that the caller makes, for a host that stays in its process: a forecast's, a recorder. */
interface MadeWorkload {
  readonly kind: 'made';
  readonly make: (random: Random) => Workload;
}

/** One program. */
export type ProgramConfig =
  ZipfFilesConfig | ScanConfig | DatabaseConfig | CompileConfig | UsememConfig | BootConfig | IdleConfig;

/** Workloads in turn, each with its own files and memory. Lengths are of work: waiting for the disk comes on top. */
export interface PhasesConfig {
  readonly kind: 'phases';
  /** 1 to 1,000. A phase may run nothing (`work: null`), and may end its program with it (`exit`). */
  readonly phases: readonly PhaseOf<WorkloadConfig | null>[];
  /** Whether the first follows the last; else the last goes on without end, whatever its `ms`. True. */
  readonly repeat?: boolean;
  /** Each length is drawn evenly from mean × (1 ± this / 1000). 0 to 1000; 0. */
  readonly lengthJitterPermille?: number;
}

/** Several programs at the same time, 1 to 100: a database and its backup. They share one processor and wait together. */
export interface TogetherConfig {
  readonly kind: 'together';
  readonly works: readonly WorkloadConfig[];
}

/** A workload that runs for a while and pauses for a while. */
export interface OnOffConfig {
  readonly kind: 'on-off';
  readonly work: WorkloadConfig;
  /** Mean ms of running and of pausing, 1 to 86,400,000 each; it begins running. */
  readonly onMs: number;
  readonly offMs: number;
  /** As in {@link PhasesConfig}. */
  readonly lengthJitterPermille?: number;
}

/** A workload whose rate follows the hour. */
export interface DayNightConfig {
  readonly kind: 'day-night';
  readonly work: WorkloadConfig;
  /** Length of a day in ms, from as many as there are levels to 86,400,000 (the default). A short day shows the same sooner. */
  readonly dayMs?: number;
  /**
   * Rates in thousandths of the workload's own (0 to 100,000, not all 0), in equal parts of the day from midnight on, 1 to
   * 1,440 of them. Absent: {@link OFFICE_DAY}.
   */
  readonly levelsPermille?: readonly number[];
  /** Time of the day at which it begins, in ms, 0 to dayMs; 0: midnight. */
  readonly startMs?: number;
}

/** A day of an office by the hour: quiet until six, busiest at eleven and three, with a lunch break. Invented, not measured. */
export const OFFICE_DAY: readonly number[] = [
  60, 50, 50, 50, 60, 80, 150, 350, 700, 920, 980, 1000, 780, 880, 980, 1000, 920, 720, 450, 300, 220, 160, 110, 80,
];

/**
 * What a guest runs. As plain data (all but `made`, and the trace itself) it travels to other processes and into digests
 * as JSON does.
 */
export type WorkloadConfig =
  TraceWorkload | MadeWorkload | ProgramConfig | PhasesConfig | TogetherConfig | OnOffConfig | DayNightConfig;

/** Most ms of one slot or phase. */
const LONGEST_MS = 86_400_000;

/**
 * Makes the workload that a config describes.
 * @param random the guest's own; it becomes the workload's
 * @param place of the config, for messages: "guests[0].workload"
 * @throws ConfigValueError for a value out of its range
 */
export function createWorkload(config: WorkloadConfig, random: Random, place = 'workload'): Workload {
  switch (config.kind) {
    case 'trace':
      return new TracePlayer(config.trace, config.pace, random);
    case 'made':
      return config.make(random);
    case 'zipf-files':
      return new ZipfFiles(place, config, random);
    case 'scan':
      return new SequentialScan(place, config, random);
    case 'database':
      return new Database(place, config, random);
    case 'compile':
      return new KernelCompile(place, config, random);
    case 'usemem':
      return new Usemem(place, config, random);
    case 'boot':
      return new Boot(place, config, random);
    case 'idle':
      return new Idle(place, config, random);
    case 'phases':
      return createPhases(config, random, place);
    case 'together':
      requireWhole(`${place}.works.length`, config.works.length, 1, 100);
      return new Together(config.works.map((work, i) => createWorkload(work, branch(random), `${place}.works[${i}]`)));
    case 'on-off': {
      const slots = [
        { ms: config.onMs, permille: 1000 },
        { ms: config.offMs, permille: 0 },
      ];
      requireWhole(`${place}.onMs`, config.onMs, 1, LONGEST_MS);
      requireWhole(`${place}.offMs`, config.offMs, 1, LONGEST_MS);
      return modulated(config.work, slots, 0, config.lengthJitterPermille, random, place);
    }
    case 'day-night':
      return createDayNight(config, random, place);
  }
}

/** A generator of a part's own, so that what one part draws does not change the others. */
function branch(random: Random): Random {
  return new Random(random.next(), random.next());
}

function createPhases(config: PhasesConfig, random: Random, place: string): Workload {
  const { lengthJitterPermille = 0, phases, repeat = true } = config;
  requireWhole(`${place}.phases.length`, phases.length, 1, 1000);
  requireWhole(`${place}.lengthJitterPermille`, lengthJitterPermille, 0, 1000);
  const made = phases.map((phase, i) => {
    requireWhole(`${place}.phases[${i}].ms`, phase.ms, 1, LONGEST_MS);
    const { work } = phase;
    return {
      ...phase,
      work: work === null ? null : createWorkload(work, branch(random), `${place}.phases[${i}].work`),
    };
  });
  return new Phases(made, repeat, lengthJitterPermille, random);
}

function createDayNight(config: DayNightConfig, random: Random, place: string): Workload {
  const { dayMs = LONGEST_MS, levelsPermille = OFFICE_DAY, startMs = 0 } = config;
  requireWhole(`${place}.levelsPermille.length`, levelsPermille.length, 1, 1440);
  requireWhole(`${place}.dayMs`, dayMs, levelsPermille.length, LONGEST_MS);
  requireWhole(`${place}.startMs`, startMs, 0, dayMs);
  levelsPermille.forEach((level, i) => requireWhole(`${place}.levelsPermille[${i}]`, level, 0, 100_000));
  if (levelsPermille.every((level) => level === 0)) {
    throw new ConfigValueError(`${place}.levelsPermille`, 'above 0 at some time of the day', '0 all day');
  }
  const parts = levelsPermille.length;
  const slots = levelsPermille.map((permille, i) => ({
    // Whole ms that add up to the day.
    ms: Math.floor((dayMs * (i + 1)) / parts) - Math.floor((dayMs * i) / parts),
    permille,
  }));
  return modulated(config.work, slots, startMs, 0, random, place);
}

function modulated(
  work: WorkloadConfig,
  slots: readonly RateSlot[],
  startMs: number,
  jitterPermille = 0,
  random: Random,
  place: string,
): Workload {
  requireWhole(`${place}.lengthJitterPermille`, jitterPermille, 0, 1000);
  return new Modulated(createWorkload(work, branch(random), `${place}.work`), slots, startMs, jitterPermille, random);
}
