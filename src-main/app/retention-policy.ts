import type { RetentionSettings } from '#contract/settings.ts';
import type { RetentionPolicy } from '../history/retention.ts';

const DAY_S = 86_400;
const MIB_BYTES = 1_048_576;

/** What a person set, in the units of the history. */
export function retentionPolicy(settings: RetentionSettings): RetentionPolicy {
  const { secondsDays, tensDays, minutesDays, hoursDays, sizeMib } = settings;
  return {
    secondsAgeS: secondsDays * DAY_S,
    tierAgeS: { 10: tensDays * DAY_S, 60: minutesDays * DAY_S, 3_600: hoursDays * DAY_S },
    bytesMax: sizeMib * MIB_BYTES,
  };
}
