import type { Failure } from '#contract/errors.ts';
import type { Action, Change, HostDescription, Speed } from '#contract/model.ts';
import type { Frame } from '#contract/stream.ts';

/** What the host thread is started with. */
export interface HostThreadOptions {
  readonly databaseFile: string;
  readonly tracesFolder: string;
  /** Where decoded traces are kept between starts. */
  readonly cacheFolder: string;
  readonly scenarioFile: string;
  /** Replaces the scenario's seed where given. */
  readonly seed: number | null;
  /** Versions to show: app, electron, chrome, node. */
  readonly versions: Readonly<Record<string, string>>;
}

/** Commands to the thread and their answers, by name. */
export interface HostCommands {
  setPaused: { argument: { paused: boolean }; answer: { hostMs: number } };
  setSpeed: { argument: { speed: Speed }; answer: { hostMs: number } };
  applyChanges: { argument: { changes: readonly Change[] }; answer: { actions: Action[] } };
  /** Writes everything, ends the run and closes the history; the thread ends after the answer. */
  stop: { argument: null; answer: null };
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
