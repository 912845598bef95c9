import type { KnobValues, StudyOrder, TuneGoal } from '#contract/studies.ts';
import type { GuestConfig, HostConfig } from '../host/host-config.ts';
import type { StudyKind } from '../what-if/study.ts';

/** A host config whose traces are still files; null where a guest plays none. */
export type JobConfig = Omit<HostConfig, 'guests'> & {
  readonly guests: readonly (Omit<GuestConfig, 'trace'> & { readonly traceFile: string | null })[];
};

/** A recorded run. */
export interface HistoryStart {
  readonly kind: 'history';
  readonly databaseFile: string;
  /** Null: the last run. */
  readonly runId: number | null;
  /** Host ms; null: a replay ends, and a forecast starts, where the record ends. */
  readonly atMs: number | null;
}

/** Where a study begins. */
export type JobStart =
  /** The host as the config makes it, run to a host time. */
  | { readonly kind: 'scenario'; readonly atMs: number }
  | HistoryStart
  /** A running host: its state as `encodeSnapshot` writes it, and where its run is recorded. */
  | { readonly kind: 'live'; readonly databaseFile: string; readonly runId: number; readonly state: Uint8Array };

/** All that a study process is told: it reads the traces itself, from the folder of decoded ones. */
export interface StudyJob {
  readonly order: StudyOrder;
  readonly config: JobConfig;
  readonly cacheFolder: string;
  readonly start: JobStart;
  /** A replay unless said otherwise; a live start can only be forecast. */
  readonly kind?: StudyKind;
  /** Most memory of the process, in MiB; a study that needs more fails. */
  readonly memoryMiB: number;
  /** Whether the curves are told first, while the ordered engine is at work, and what else they say. */
  readonly isExplored?: boolean;
  /** Asks for the weights that serve a goal best instead of the alternatives. */
  readonly tune?: TuneGoal;
  /** Asks for disk reads over these two knobs instead of the alternatives. */
  readonly heatMap?: { readonly across: KnobValues; readonly down: KnobValues };
}
