import * as v from 'valibot';
import { Seconds, text } from './fields.ts';

/** "At 60 s set guests.web.weight to 300." What may be set is said by {@link timedCommands}. */
export const EventSchema = v.strictObject({
  atS: v.pipe(Seconds, v.description('Host time in seconds.')),
  set: v.pipe(
    text(80),
    v.description(
      'What to set: guests.NAME.weight, .capMiB, .balloonTargetMiB, .frozen or .running; policy; idleTax; host.poolLimitMiB; host.totalMiB.',
    ),
  ),
  to: v.pipe(
    v.union([v.number(), v.string(), v.boolean(), v.null()], 'must be a number, a text, true, false or null'),
    v.description('Its value from then on. null takes a cap or a pool limit away.'),
  ),
});
