import * as v from 'valibot';
import { WEIGHT_MAX, WEIGHT_MIN } from '#contract/units.ts';
import { GuestName, Mib, Seconds, text, whole, YesNo } from './fields.ts';
import { ContentSchema, KernelSchema } from './kernel-schema.ts';
import { PaceSchema, TraceFile, TraceReading, TraceWrites } from './trace-schema.ts';
import { WorkloadSchema } from './workload-schema.ts';

const NEW_GUEST_WEIGHT = 100;
const DiskPlace = v.pipe(whole(0, 15), v.description('Place of a disk in costs.disks.'));

/** One guest of a scenario file. */
export const GuestSchema = v.pipe(
  v.strictObject({
    name: GuestName,
    runs: v.optional(v.pipe(text(120), v.description('What it runs, for a person.'))),
    trace: v.optional(TraceFile),
    pace: v.optional(v.pipe(PaceSchema, v.description('The pace of the trace.'))),
    reading: v.optional(TraceReading),
    writes: v.optional(TraceWrites),
    workload: v.optional(v.pipe(WorkloadSchema, v.description('What it runs instead of a trace.'))),
    ramMiB: v.pipe(Mib, v.description('RAM at the start.')),
    minMiB: v.pipe(Mib, v.description('The lowest balloon target.')),
    maxMiB: v.pipe(
      Mib,
      v.description('The highest balloon target, and the most it holds of RAM and preswap together.'),
    ),
    floorMiB: v.optional(v.pipe(Mib, v.description('Its own balloon driver stops here.'))),
    weight: v.optional(
      v.pipe(whole(WEIGHT_MIN, WEIGHT_MAX), v.description('Of its share of precache.')),
      NEW_GUEST_WEIGHT,
    ),
    capMiB: v.optional(v.pipe(Mib, v.description('Most that it may have in precache.'))),
    startS: v.optional(v.pipe(Seconds, v.description('Host time at which it starts.')), 0),
    starts: v.optional(
      v.pipe(YesNo, v.description('false: it starts only when an event sets guests.NAME.running to true.')),
      true,
    ),
    kernel: v.optional(KernelSchema, {}),
    precache: v.optional(v.pipe(YesNo, v.description('Whether its kernel uses precache (cleancache).')), true),
    preswap: v.optional(v.pipe(YesNo, v.description('Whether its kernel uses preswap (frontswap).')), true),
    fileDisk: v.optional(DiskPlace, 0),
    swapDisk: v.optional(DiskPlace),
    content: v.optional(
      v.pipe(
        ContentSchema,
        v.description(
          'What its pages hold. Contents that a trace records (FIU) count as recorded; file then says how well they compress.',
        ),
      ),
    ),
  }),
  v.check(
    (guest) => guest.minMiB <= guest.ramMiB && guest.ramMiB <= guest.maxMiB,
    'ramMiB lies outside minMiB … maxMiB.',
  ),
  v.check(
    (guest) => (guest.trace === undefined) !== (guest.workload === undefined),
    'It needs either a trace or a workload, and not both.',
  ),
  v.check(
    (guest) => (guest.trace === undefined) === (guest.pace === undefined),
    'A trace needs a pace, and a workload has none.',
  ),
  v.check(
    (guest) => guest.trace !== undefined || guest.writes === undefined,
    'Only a trace has writes that can be played one way or another.',
  ),
  v.check(
    (guest) => guest.trace !== undefined || guest.reading === undefined,
    'Only a trace has a file that can be read one way or another.',
  ),
);
export type ScenarioGuest = v.InferOutput<typeof GuestSchema>;
