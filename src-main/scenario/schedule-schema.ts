import * as v from 'valibot';
import type {
  BalloonSchedulerConfig,
  PoolSchedulerConfig,
  SchedulerConfig,
} from '../host/schedule/create-scheduler.ts';
import { GuestName, numberFrom, oneOf, whole, YesNo } from './fields.ts';

const ONCE_AN_HOUR_S = 3_600;
const optionalWhole = (least: number, most: number) => v.optional(whole(least, most));
const optionalNumber = (least: number, most: number) => v.optional(numberFrom(least, most));
const Guests = v.optional(v.pipe(v.array(GuestName), v.description('The guests it is about; all unless given.')));
const PoolIntervalS = optionalNumber(0.1, ONCE_AN_HOUR_S);

/** Who sets balloon targets. */
const BalloonScheduleSchema = v.variant(
  'kind',
  [
    v.strictObject({ kind: v.literal('manual') }),
    v.strictObject({
      kind: v.literal('self-balloon'),
      era: v.optional(oneOf(['3.1', 'later'])),
      guests: Guests,
      intervalS: optionalWhole(1, ONCE_AN_HOUR_S),
      downHysteresis: optionalWhole(1, 1_000_000),
      upHysteresis: optionalWhole(1, 1_000_000),
      minUsableMb: optionalWhole(0, 1 << 20),
      reservedMb: optionalWhole(0, 1 << 20),
      totalReservePages: optionalWhole(0, 1 << 24),
      selfshrinking: v.optional(YesNo),
      frontswapHysteresis: optionalWhole(1, 1_000_000),
      frontswapInertia: optionalWhole(1, 1_000_000),
    }),
    v.strictObject({
      kind: v.literal('mom'),
      guests: Guests,
      intervalS: optionalWhole(1, ONCE_AN_HOUR_S),
      pressurePercent: optionalNumber(0, 100),
      criticalPercent: optionalNumber(0, 100),
      guestFreePercent: optionalNumber(0, 100),
      maxChangePercent: optionalNumber(0, 100),
      minChangePercent: optionalNumber(0, 100),
      unused: v.optional(oneOf(['free', 'free-and-clean'])),
    }),
  ],
  'must be of kind "manual", "self-balloon" or "mom"',
);

/** Who sets pool targets. */
const PoolScheduleSchema = v.variant(
  'kind',
  [
    v.strictObject({ kind: v.literal('greedy') }),
    v.strictObject({ kind: v.literal('static-shares'), intervalS: PoolIntervalS }),
    v.strictObject({ kind: v.literal('reconfigured-static'), intervalS: PoolIntervalS }),
    v.strictObject({
      kind: v.literal('smart-alloc'),
      percent: optionalNumber(0.01, 100),
      intervalS: PoolIntervalS,
      thresholdPercent: optionalNumber(0, 100),
    }),
  ],
  'must be of kind "greedy", "static-shares", "reconfigured-static" or "smart-alloc"',
);

/** The memory schedulers of a host. */
export const ScheduleSchema = v.strictObject({
  balloon: v.optional(v.pipe(BalloonScheduleSchema, v.description('Who sets balloon targets.')), { kind: 'manual' }),
  pool: v.optional(v.pipe(PoolScheduleSchema, v.description('Who sets pool targets.')), { kind: 'greedy' }),
});
export type Schedule = v.InferOutput<typeof ScheduleSchema>;

/** The schedulers as the model wants them. @param names of the guests, by place; each named guest must be among them */
export function schedulersOf({ balloon, pool }: Schedule, names: readonly string[]): SchedulerConfig[] {
  const idsOf = (guests: readonly string[]): number[] => guests.map((name) => names.indexOf(name) + 1);
  const { guests, ...same } = { guests: undefined, ...balloon };
  const balloons = given({ ...same, guests: guests && idsOf(guests) }) as BalloonSchedulerConfig;
  const pools = given(pool) as PoolSchedulerConfig;
  return [balloons, pools].filter(({ kind }) => kind !== 'manual' && kind !== 'greedy');
}

/** Without the fields that the file does not give. */
function given(fields: object): object {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
