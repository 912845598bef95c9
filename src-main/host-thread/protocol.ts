import type { Failure } from '#contract/errors.ts';
import type { Action, Change, HostDescription, Speed } from '#contract/model.ts';
import type { NewStudy } from '#contract/saved-studies.ts';
import type { Frame } from '#contract/stream.ts';
import type { RetentionPolicy } from '../history/retention.ts';
import type { GuestConfig, HostConfig } from '../host/host-config.ts';
import type { StateEntry } from '../host/state.ts';
import type { FiledTrace } from '../trace/how-to-read.ts';

/** What the host thread is started with. */
export interface HostThreadOptions {
  readonly databaseFile: string;
  readonly tracesFolder: string;
  /** Where decoded traces are kept between starts. */
  readonly cacheFolder: string;
  readonly scenarioFile: string;
  /** Traces that were imported; they go before those of `tracesFolder`. */
  readonly importedFolder?: string;
  /** `anew`: with a new run, though the last one might go on; `continue` unless given. */
  readonly begins?: 'anew' | 'continue';
  /** Replaces the scenario's seed where given. */
  readonly seed: number | null;
  /** The history's reader thread: where it is given, the file is looked through by one after an end out of order. */
  readonly readerFile?: string | URL;
  /** How long the history keeps what; its defaults where it is not given. */
  readonly retention?: RetentionPolicy;
  /** Versions to show: app, electron, chrome, node. */
  readonly versions: Readonly<Record<string, string>>;
}

/** A host config whose traces are still files. */
export type FiledConfig = Omit<HostConfig, 'guests'> & {
  readonly guests: readonly (Omit<GuestConfig, 'trace'> & FiledTrace)[];
};

/** The host at one moment, for a study to start from. */
export interface ForkedHost {
  readonly runId: number;
  readonly hostMs: number;
  readonly entries: readonly StateEntry[];
  readonly config: FiledConfig;
  /** What checkpoints of this run were made from; see `configDigestOf`. */
  readonly configDigest: string;
}

/** A set of changes with its reason, and for each change the number of the action that it sets back. */
export interface AppliedSet {
  readonly changes: readonly Change[];
  readonly reason?: string | null;
  readonly undoes?: readonly number[] | null;
}

/** Commands to the thread and their answers, by name. */
export interface HostCommands {
  setPaused: { argument: { paused: boolean }; answer: { hostMs: number } };
  setSpeed: { argument: { speed: Speed }; answer: { hostMs: number } };
  applyChanges: { argument: AppliedSet; answer: { actions: Action[] } };
  /** A copy of the host as it is now; taken between two slices, and moved out without another copy. */
  fork: { argument: null; answer: ForkedHost };
  /** Keeps a study in the history; its number. */
  saveStudy: { argument: NewStudy; answer: number };
  markStudyApplied: { argument: { savedId: number; alternative: string; actionId: number }; answer: null };
  deleteStudy: { argument: { savedId: number }; answer: null };
  setRetention: { argument: { policy: RetentionPolicy }; answer: null };
  /** Writes everything, ends the run and closes the history; the thread ends after the answer. The reason is marked. */
  stop: { argument: { because: string | null }; answer: null };
}
export type HostCommandName = keyof HostCommands;

/** Message to the thread. */
export type ToThread = {
  [N in HostCommandName]: { readonly id: number; readonly name: N; readonly argument: HostCommands[N]['argument'] };
}[HostCommandName];

/** Message from the thread. */
export type FromThread =
  | { readonly kind: 'starting'; readonly text: string }
  | { readonly kind: 'ready'; readonly description: HostDescription }
  | { readonly kind: 'frame'; readonly frame: Frame }
  | { readonly kind: 'answer'; readonly id: number; readonly answer: unknown }
  | { readonly kind: 'refused'; readonly id: number; readonly failure: Failure }
  | { readonly kind: 'failed'; readonly failure: Failure };
