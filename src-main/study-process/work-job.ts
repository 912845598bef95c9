import * as v from 'valibot';
import { VerdictSchema } from '#contract/claims.ts';
import { FailureSchema } from '#contract/errors.ts';
import { TraceSummarySchema, TrialSchema } from '#contract/scenarios.ts';

/** Runs a scenario once from its beginning, as fast as possible. */
export interface TrialJob {
  readonly kind: 'trial';
  readonly scenarioFile: string;
  /** Which variant of it; null: all that its claim is about, to tell whether it holds. */
  readonly variant: string | null;
  /** Where traces are looked for besides beside the scenario. */
  readonly traceFolders: readonly string[];
  readonly cacheFolder: string;
  /** Most memory of the process, in MiB. */
  readonly memoryMiB: number;
}

/** Decodes a whole trace and keeps its stored form. */
export interface ImportJob {
  readonly kind: 'import';
  readonly sourceFile: string;
  /** Name of its format; null: recognised by content. */
  readonly format: string | null;
  /** The stored form to be made; it appears only when it is whole. */
  readonly targetFile: string;
  readonly memoryMiB: number;
}

/** Tells what is known of traces, decoding those that have no stored form yet. */
export interface SummariesJob {
  readonly kind: 'summaries';
  readonly files: readonly string[];
  readonly cacheFolder: string;
  readonly memoryMiB: number;
}

/** All that a work process is told. */
export type WorkJob = TrialJob | ImportJob | SummariesJob;

/** What a work process tells: progress now and then, at last a result or a failure. */
export const WorkEventSchema = v.variant('kind', [
  v.strictObject({ kind: v.literal('progress'), done: v.pipe(v.number(), v.minValue(0), v.maxValue(1)) }),
  v.strictObject({ kind: v.literal('trial'), trial: TrialSchema, verdict: v.nullable(VerdictSchema) }),
  v.strictObject({ kind: v.literal('imported'), summary: TraceSummarySchema }),
  /** In the order asked. */
  v.strictObject({
    kind: v.literal('summaries'),
    summaries: v.array(v.strictObject({ summary: v.nullable(TraceSummarySchema), failure: v.nullable(FailureSchema) })),
  }),
  v.strictObject({ kind: v.literal('failed'), failure: FailureSchema }),
]);
export type WorkEvent = v.InferOutput<typeof WorkEventSchema>;
export type WorkResult = Exclude<WorkEvent, { kind: 'progress' | 'failed' }>;
