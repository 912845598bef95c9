import * as v from 'valibot';
import { PolicySchema } from '#contract/model.ts';
import { GUESTS_MAX } from '#contract/units.ts';
import { COMPRESSORS, type CompressorName } from '../host/tmem/content-accounting.ts';
import { CostsSchema } from './costs-schema.ts';
import { EventSchema } from './events-schema.ts';
import { Mib, numberFrom, oneOf, Part, SomeMib, SomeSeconds, text, whole, YesNo } from './fields.ts';
import { GuestSchema } from './guest-schema.ts';
import { ScheduleSchema } from './schedule-schema.ts';

const EVENTS_MAX = 1_000;

/** What a scenario of the gallery shows, written before it was run. */
const ClaimSchema = v.strictObject({
  letter: v.pipe(v.string(), v.regex(/^[a-j]$/, 'must be a letter from a to j')),
  sentence: v.pipe(text(400), v.description('What is claimed.')),
  bound: v.pipe(text(1_200), v.description('What the theory allows, with its formula, as the test asserts it.')),
});

/** A scenario file: what the modelled host is, what its guests run, and what happens when. */
export const ScenarioSchema = v.pipe(
  v.strictObject({
    $schema: v.optional(text(255)),
    name: text(64),
    about: v.optional(text(2_000)),
    claim: v.optional(ClaimSchema),
    forS: v.optional(v.pipe(SomeSeconds, v.description('How long it is worth running, in host seconds.'))),
    seed: v.pipe(whole(0, Number.MAX_SAFE_INTEGER), v.description('All that is random follows from it.')),
    host: v.strictObject({
      totalMiB: v.pipe(numberFrom(1, 65_536, 'of MiB '), v.description('All RAM of the host.')),
      reservedMiB: v.pipe(Mib, v.description('What the host keeps for itself.')),
      balloonMiBPerS: v.pipe(SomeMib, v.description('Most that one balloon moves in a host second.')),
      poolLimitMiB: v.optional(v.pipe(Mib, v.description('Most that precache of all guests may take.'))),
    }),
    policy: v.pipe(oneOf(PolicySchema.options), v.description('Who loses a page when precache is full.')),
    idleTax: v.optional(v.pipe(Part, v.description('τ of max-over-share; 0: none.')), 0.75),
    idleTaxWindowS: v.optional(v.pipe(whole(1, 3_600), v.description('Window of effective use.')), 10),
    schedule: v.optional(ScheduleSchema, {}),
    costs: v.optional(CostsSchema),
    content: v.optional(
      v.pipe(
        v.strictObject({
          compressor: v.optional(v.nullable(oneOf(Object.keys(COMPRESSORS) as CompressorName[])), null),
          deduplicate: v.optional(YesNo, false),
        }),
        v.description('Accounts of what compression and deduplication would save.'),
      ),
    ),
    guests: v.pipe(
      v.array(GuestSchema, 'must be a list of guests'),
      v.minLength(1, 'must have at least one guest'),
      v.maxLength(GUESTS_MAX, `must have at most ${GUESTS_MAX} guests`),
    ),
    events: v.optional(
      v.pipe(
        v.array(EventSchema, 'must be a list of events'),
        v.maxLength(EVENTS_MAX, `must have at most ${EVENTS_MAX} events`),
      ),
      [],
    ),
  }),
  v.check(
    (scenario) => new Set(scenario.guests.map((guest) => guest.name)).size === scenario.guests.length,
    'Two guests have the same name. Give each its own.',
  ),
  v.check(
    (scenario) =>
      scenario.host.reservedMiB +
        scenario.guests.reduce((sum, guest) => sum + (guest.starts && guest.startS === 0 ? guest.ramMiB : 0), 0) <=
      scenario.host.totalMiB,
    "The guests' ramMiB and reservedMiB together are more than totalMiB.",
  ),
  v.check(({ guests, costs }) => {
    const disks = costs?.disks.length ?? 1;
    return guests.every(({ fileDisk, swapDisk = 0 }) => fileDisk < disks && swapDisk < disks);
  }, 'A guest names a disk that costs.disks does not have.'),
  v.check(({ guests, schedule }) => {
    const names = new Set(guests.map(({ name }) => name));
    const named = 'guests' in schedule.balloon ? (schedule.balloon.guests ?? []) : [];
    return named.every((name) => names.has(name));
  }, 'schedule.balloon.guests names a guest that there is not.'),
);
export type Scenario = v.InferOutput<typeof ScenarioSchema>;
