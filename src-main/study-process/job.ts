import type { KnobValues, StudyOrder, TuneOrder } from '#contract/studies.ts';
import type { GuestConfig, HostConfig } from '../host/host-config.ts';
import type { FiledTrace } from '../trace/how-to-read.ts';
import type { StudyKind } from '../what-if/study.ts';

/** A host config whose traces are still files. */
export type JobConfig = Omit<HostConfig, 'guests'> & {
  readonly guests: readonly (Omit<GuestConfig, 'trace'> & FiledTrace)[];
};

/** A recorded run. */
export interface HistoryStart {
  readonly kind: 'history';
  readonly databaseFile: string;
  /** Null: the last run. */
  readonly runId: number | null;
  /** Host ms; null: a replay ends, and a forecast starts, where the record ends. */
  readonly atMs: number | null;
  /** About where the record ends, where that is known. */
  readonly nowMs?: number;
}

/** Where a study begins. */
export type JobStart =
  /** The host as the config makes it, run to a host time. */
  | { readonly kind: 'scenario'; readonly atMs: number }
  | HistoryStart
  /** A running host: its state as `encodeSnapshot` writes it, and where its run is recorded. */
  | ({ readonly kind: 'live'; readonly databaseFile: string; readonly runId: number; readonly state: Uint8Array } & {
      /** Host time of the state. */
      readonly nowMs?: number;
    });

/** What every study of the same stretch of time has in common: a study process can be told beforehand. */
export interface JobStretch {
  readonly config: JobConfig;
  readonly cacheFolder: string;
  readonly start: JobStart;
  /** A replay unless said otherwise; a live start can only be forecast. */
  readonly kind?: StudyKind;
  readonly horizonMs: number;
  /** Most memory of the process, in MiB; a study that needs more fails. */
  readonly memoryMiB: number;
}

/** All that a study process is told: it reads the traces itself, from the folder of decoded ones. */
export interface StudyJob extends Omit<JobStretch, 'horizonMs'> {
  readonly order: StudyOrder;
  /** Whether approximate answers are told first, while the ordered engine is at work, and what else the curves say. */
  readonly isExplored?: boolean;
  /** Asks for the weights that serve a goal best instead of the alternatives. */
  readonly tune?: TuneOrder;
  /** Asks for disk reads over these two knobs instead of the alternatives. */
  readonly heatMap?: { readonly across: KnobValues; readonly down: KnobValues };
}

/** A message to a study process. What is being prepared is given up for a study. */
export type StudyTask =
  { readonly kind: 'prepare'; readonly stretch: JobStretch } | { readonly kind: 'run'; readonly job: StudyJob };

/** The stretch of time that a study is of. */
export function stretchOf({ config, cacheFolder, start, kind, order, memoryMiB }: StudyJob): JobStretch {
  return { config, cacheFolder, start, horizonMs: order.horizonMs, memoryMiB, ...(kind === undefined ? {} : { kind }) };
}
