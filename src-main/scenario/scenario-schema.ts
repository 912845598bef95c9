import * as v from 'valibot';
import { PolicySchema } from '#contract/model.ts';
import { GUESTS_MAX } from '#contract/units.ts';
import { COMPRESSORS, type CompressorName } from '../host/tmem/content-accounting.ts';
import { ClaimSchema, guestsOf, isMeasurable, runsOf } from './claims/measure.ts';
import { AS_IS } from './claims/measure-kind.ts';
import { CostsSchema } from './costs-schema.ts';
import { EventSchema } from './events-schema.ts';
import { Mib, numberFrom, oneOf, Part, SomeMib, SomeSeconds, text, whole, YesNo } from './fields.ts';
import { GuestSchema } from './guest-schema.ts';
import type { LivingGuest } from './lives.ts';
import { ScheduleSchema } from './schedule-schema.ts';
import { VariantSchema } from './variants.ts';

const EVENTS_MAX = 1_000;
const VARIANTS_MAX = 32;

/** A scenario file: what the modelled host is, what its guests run, and what happens when. */
export const ScenarioSchema = v.pipe(
  v.strictObject({
    $schema: v.optional(text(255)),
    name: text(64),
    about: v.optional(text(2_000)),
    claim: v.optional(ClaimSchema),
    variants: v.optional(
      v.pipe(
        v.array(VariantSchema, 'must be a list of variants'),
        v.maxLength(VARIANTS_MAX, `must have at most ${VARIANTS_MAX} variants`),
        v.description('Other runs of the same host, by name: those that the claim compares with, and more.'),
      ),
      [],
    ),
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
          packs: v.optional(
            v.pipe(
              YesNo,
              v.description(
                'Whether the store really keeps pages compressed and equal ephemeral ones once, so that memory holds more of them; false: only accounts are kept.',
              ),
            ),
          ),
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
  v.check(
    ({ variants }) => new Set(variants.map(({ name }) => name)).size === variants.length,
    'Two variants have the same name. Give each its own.',
  ),
  v.check(({ claim, variants }) => {
    const names = new Set<string>([AS_IS, ...variants.map(({ name }) => name)]);
    return !isMeasurable(claim) || runsOf(claim).every((name) => names.has(name));
  }, 'claim.measure names a variant that there is not.'),
  v.check(({ claim, guests }) => {
    const names = new Set(guests.map(({ name }) => name));
    return !isMeasurable(claim) || guestsOf(claim).every((name) => names.has(name));
  }, 'claim.measure names a guest that there is not.'),
);
/** A scenario file as it was read. */
export type ScenarioInFile = v.InferOutput<typeof ScenarioSchema>;
/** A scenario as its host wants it: each life of a guest is a guest ({@link withLives}). */
export type Scenario = Omit<ScenarioInFile, 'guests'> & { readonly guests: readonly LivingGuest[] };
