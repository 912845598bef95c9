import * as v from 'valibot';
import type { ProgramConfig, WorkloadConfig } from '../host/workload/create-workload.ts';
import { numberFrom, whole, YesNo } from './fields.ts';
import { PROGRAM_SCHEMAS } from './program-schemas.ts';

const DAY_MS = 86_400_000;
const LengthMs = v.pipe(whole(1, DAY_MS), v.description('Mean length in ms of work.'));
const LengthJitter = v.optional(
  v.pipe(whole(0, 1_000), v.description('Each length is drawn evenly from mean × (1 ± this / 1000).')),
);

/** What a scenario file may say that a guest runs, besides a trace: the model's own configs, as far as they are data. */
export type WorkloadInFile = ProgramConfig | PhasesInFile | TogetherInFile | OnOffInFile | DayNightInFile;

interface PhasesInFile {
  readonly kind: 'phases';
  readonly phases: readonly {
    readonly ms: number;
    readonly work: WorkloadInFile | null;
    readonly exit?: boolean | undefined;
  }[];
  readonly repeat?: boolean | undefined;
  readonly lengthJitterPermille?: number | undefined;
}

interface TogetherInFile {
  readonly kind: 'together';
  readonly works: readonly WorkloadInFile[];
}

interface OnOffInFile {
  readonly kind: 'on-off';
  readonly work: WorkloadInFile;
  readonly onMs: number;
  readonly offMs: number;
  readonly lengthJitterPermille?: number | undefined;
}

interface DayNightInFile {
  readonly kind: 'day-night';
  readonly work: WorkloadInFile;
  readonly dayMs?: number | undefined;
  readonly levelsPermille?: readonly number[] | undefined;
  readonly startMs?: number | undefined;
}

const Inner = v.lazy((): v.GenericSchema<unknown, WorkloadInFile> => WorkloadSchema);

/** What a guest runs instead of a trace: a program, or several in turn, together, or at changing rates. */
export const WorkloadSchema: v.GenericSchema<unknown, WorkloadInFile> = v.variant(
  'kind',
  [
    ...PROGRAM_SCHEMAS,
    v.strictObject({
      kind: v.literal('phases'),
      phases: v.pipe(
        v.array(
          v.strictObject({
            ms: LengthMs,
            work: v.nullable(Inner),
            exit: v.optional(v.pipe(YesNo, v.description('Whether the program ends with its phase; false.'))),
          }),
        ),
        v.minLength(1, 'must have at least one phase'),
        v.maxLength(1_000, 'must have at most 1,000 phases'),
      ),
      repeat: v.optional(v.pipe(YesNo, v.description('Whether the first phase follows the last; true.'))),
      lengthJitterPermille: LengthJitter,
    }),
    v.strictObject({
      kind: v.literal('together'),
      works: v.pipe(
        v.array(Inner),
        v.minLength(1, 'must have at least one workload'),
        v.maxLength(100, 'must have at most 100 workloads'),
      ),
    }),
    v.strictObject({
      kind: v.literal('on-off'),
      work: Inner,
      onMs: LengthMs,
      offMs: LengthMs,
      lengthJitterPermille: LengthJitter,
    }),
    v.strictObject({
      kind: v.literal('day-night'),
      work: Inner,
      dayMs: v.optional(whole(1, DAY_MS)),
      levelsPermille: v.optional(v.pipe(v.array(numberFrom(0, 100_000)), v.minLength(1), v.maxLength(1_440))),
      startMs: v.optional(whole(0, DAY_MS)),
    }),
  ],
  'must be of a kind that there is: "zipf-files", "scan", "database", "compile", "usemem", "boot", "idle", "phases", "together", "on-off" or "day-night"',
) as v.GenericSchema<unknown, WorkloadInFile>;

/** The workload as the model wants it: the same without the fields that the file leaves out. */
export function workloadOf(workload: WorkloadInFile): WorkloadConfig {
  return JSON.parse(JSON.stringify(workload)) as WorkloadConfig;
}
