import * as v from 'valibot';
import { Seconds, text } from './fields.ts';

/** "At 60 s set guests.web.weight to 300." What may be set is said by {@link timedCommands}. */
export const EventSchema = v.strictObject({
  atS: v.pipe(Seconds, v.description('Host time in seconds.')),
  set: v.pipe(
    text(80),
    v.description(
      'What to set: guests.NAME.weight, .capMiB, .balloonTargetMiB, .frozen or .running; policy; idleTax; host.poolLimitMiB; host.totalMiB. A guest whose .running is set to false is removed; set to true again later, it is another client, as the file describes it and with nothing of what it had, that is called NAME-2 (then NAME-3 …), and later events of NAME are about that.',
    ),
  ),
  to: v.pipe(
    v.union([v.number(), v.string(), v.boolean(), v.null()], 'must be a number, a text, true, false or null'),
    v.description('Its value from then on. null takes a cap or a pool limit away.'),
  ),
});
