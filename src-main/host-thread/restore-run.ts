import type { Action, Run } from '#contract/model.ts';
import type { Host } from '../host/host.ts';
import type { SampleBatch } from '../host/sample-batch.ts';
import { applyAction } from './admin-changes.ts';
import { type Checkpoint, restoreCheckpoint } from './checkpoint.ts';

/** Samples in the layouts of a {@link SampleBatch}. */
type Stored = Readonly<Record<'host' | 'guests' | 'evictions' | 'evictionSamples', Float64Array>>;

/** What a restart needs to read of the history. */
export interface RecordedRun {
  lastRun(): Run | null;
  newestCheckpoint(runId: number): Checkpoint | null;
  /** Actions of a run that follow this one in the audit, applied or not, oldest first. */
  actionsAfter(runId: number, actionId: number): Action[];
  /** Stored samples of seconds [from, to) as they were written. */
  readSeconds(runId: number, from: number, to: number): Stored;
}

/** Host ms that are run between two comparisons with the record, and two words about the progress. */
const PROGRESS_MS = 5_000;

/** The last run continued, with the host ms that were computed again, or why it cannot be (null: there is none). */
export type Restored =
  { readonly run: Run; readonly actions: Action[]; readonly computedMs: number } | { readonly refused: string | null };

function differs(a: Float64Array, b: Float64Array): boolean {
  return a.length !== b.length || a.some((value, at) => value !== b[at]);
}

/** The first second in which recomputed and stored samples differ, or −1. */
function firstDifference(computed: SampleBatch, stored: Stored): number {
  const { seconds } = computed;
  if (stored.host.length !== computed.host.length || stored.guests.length !== computed.guests.length) return 0;
  for (let second = 0; second < seconds; second++) {
    const slice = (values: Float64Array): Float64Array => {
      const width = values.length / seconds;
      return values.subarray(second * width, (second + 1) * width);
    };
    if (differs(slice(computed.host), slice(stored.host)) || differs(slice(computed.guests), slice(stored.guests))) {
      return second;
    }
  }
  const isSame =
    !differs(computed.evictions, stored.evictions) && !differs(computed.evictionSamples, stored.evictionSamples);
  return isSame ? -1 : 0;
}

/**
 * Continues the last run exactly where its last committed host second was: newest checkpoint, then the recorded commands
 * at their host times. Every second recomputed on the way must equal the stored one.
 */
export async function restoreRun(
  host: Host,
  history: RecordedRun,
  configDigest: string,
  onProgress: (doneMs: number, targetMs: number) => void,
): Promise<Restored> {
  const run = history.lastRun();
  // Imported statistics are nothing that a host could go on with.
  if (run === null || run.source.kind === 'imported') return { refused: null };
  const checkpoint = history.newestCheckpoint(run.id);
  if (checkpoint === null) return { refused: `Run ${run.id} has no checkpoint.` };
  try {
    await restoreCheckpoint(host, checkpoint, configDigest);
  } catch (error) {
    return { refused: error instanceof Error ? error.message : String(error) };
  }
  const actions = history.actionsAfter(run.id, checkpoint.lastActionId);
  const storedMs = run.seconds * 1000;
  const targetMs = Math.max(storedMs, checkpoint.hostMs, actions.at(-1)?.hostMs ?? 0);
  let difference = -1;
  const compare = (): void => {
    const computed = host.takeSamples();
    const first = computed.firstSecond;
    const stored = history.readSeconds(run.id, first, first + computed.seconds);
    const place = firstDifference(computed, stored);
    if (place >= 0) difference = first + place;
  };
  const runTo = (ms: number): void => {
    while (host.hostMs < ms && difference < 0) {
      host.runTo(Math.min(ms, host.hostMs + PROGRESS_MS));
      // A little at a time: of a fast host the samples of the whole way are too many to keep.
      if (host.hostMs <= storedMs) compare();
      onProgress(host.hostMs - checkpoint.hostMs, targetMs - checkpoint.hostMs);
    }
  };
  const apply = (action: Action): void => {
    runTo(action.hostMs);
    applyAction(host, action);
  };
  const late = actions.filter((action) => action.hostMs > storedMs);
  for (const action of actions) if (!late.includes(action)) apply(action);
  runTo(storedMs);
  if (difference >= 0) {
    return { refused: `What was recomputed from host second ${difference} on differs from what was recorded.` };
  }
  // Seconds that were under way when the process ended were never stored: they are computed again and written as new.
  for (const action of late) apply(action);
  return { run, actions, computedMs: host.hostMs - checkpoint.hostMs };
}
