import * as v from 'valibot';
import type { CompactTrace } from '../host/workload/compact-trace.ts';
import type { Pace } from '../host/workload/trace-player.ts';
import { type CSV_COLUMNS, CSV_TIME_UNITS } from '../trace/csv-layout.ts';
import { BLOCK_UNITS } from '../trace/format.ts';
import { TRACE_FORMATS } from '../trace/registry.ts';
import { Part, PerSecond, Seconds, numberFrom, oneOf, text, whole, YesNo } from './fields.ts';

/** File of a recorded trace. */
export const TraceFile = v.pipe(
  text(255),
  v.description('A recorded trace: beside the scenario, or in the folder "traces" beside its folder.'),
);

const Column = v.optional(
  v.union([whole(1, 1_000), text(64)], 'must be the number of a column, from 1, or its name in the first line'),
);
const Unit = v.optional(oneOf(BLOCK_UNITS));

/** How the file of a trace is to be read, as the options of the command line say it; see `HowToRead`. */
export const TraceReading = v.pipe(
  v.strictObject({
    format: v.optional(oneOf(TRACE_FORMATS.map(({ name }) => name))),
    columns: v.optional(
      v.pipe(
        v.strictObject({ time: Column, guest: Column, volume: Column, object: Column, offset: Column, size: Column, op: Column } satisfies Record<(typeof CSV_COLUMNS)[number], typeof Column>), // prettier-ignore
        v.description('Columns of a CSV trace: their numbers, from 1, or their names in its first line.'),
      ),
    ),
    delimiter: v.optional(
      v.pipe(
        v.string('must be one character'),
        v.regex(/^[\t -~]$/, 'must be one character'),
        v.description('What separates the columns of a CSV trace.'),
      ),
    ),
    header: v.optional(v.pipe(YesNo, v.description('Whether the first line of a CSV trace names its columns.'))),
    timeUnit: v.optional(v.pipe(oneOf(CSV_TIME_UNITS), v.description('Of the times of a CSV trace.'))),
    offsetUnit: v.pipe(Unit, v.description('Of the offsets of a tencent trace.')),
    sizeUnit: v.pipe(Unit, v.description('Of the sizes of a tencent or vscsi trace.')),
  }),
  v.description(
    'How the file of the trace is to be read; what is not given is recognised. A trace that was imported needs none of it.',
  ),
);

/** What the writes of a recorded trace do. */
export const TraceWrites = v.pipe(
  oneOf(['as-recorded', 'as-reads']),
  v.description(
    "What the trace's writes do: as-recorded (the default), each makes the guest's page dirty and invalidates what precache has of it, and is written to the disk in time; as-reads, they are references like others. A replay of traces knows only references: a run agrees with it to the digit where writes are played as reads or the trace has none.",
  ),
);

/**
 * The trace of a guest as it is played.
 * @param writes undefined: as recorded
 */
export function playedTrace(trace: CompactTrace, writes: v.InferOutput<typeof TraceWrites> | undefined): CompactTrace {
  return writes === 'as-reads' ? { ...trace, writes: null } : trace;
}

/** When the references of a recorded trace happen: its own times last seconds, so that a pace is stated for it. */
export const PaceSchema = v.strictObject({
  gapJitter: v.optional(
    v.pipe(Part, v.description('Each gap between two accesses is drawn evenly from mean × (1 ± this).')),
    0.5,
  ),
  lengthJitter: v.optional(v.pipe(Part, v.description('Likewise the length of each phase.')), 0.2),
  startS: v.optional(v.pipe(Seconds, v.description('Host time before the first access.')), 0),
  phases: v.pipe(
    v.array(
      v.strictObject({
        s: v.pipe(numberFrom(0.1, 86_400, 'of seconds '), v.description('Mean length in seconds.')),
        accessesPerS: v.pipe(PerSecond, v.description('Mean accesses a second; 0: quiet.')),
      }),
      'must be a list of phases',
    ),
    v.minLength(1, 'must have at least one phase'),
    v.maxLength(1_000, 'must have at most 1,000 phases'),
    v.check(
      (phases) => phases.some((phase) => phase.accessesPerS > 0),
      'No phase has any accesses. Give at least one phase accessesPerS above 0.',
    ),
    v.description('Stretches of time in turn, over and over.'),
  ),
});
type PaceInFile = v.InferOutput<typeof PaceSchema>;

/** The pace as the model wants it. */
export function paceOf(pace: PaceInFile): Pace {
  return {
    gapJitterPermille: Math.round(pace.gapJitter * 1000),
    lengthJitterPermille: Math.round(pace.lengthJitter * 1000),
    startMs: Math.round(pace.startS * 1000),
    phases: pace.phases.map((phase) => ({ ms: Math.round(phase.s * 1000), accessesPerS: phase.accessesPerS })),
  };
}
