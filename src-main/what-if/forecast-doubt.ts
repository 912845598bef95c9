import type { AlternativeOutcome, Assumption, SeenSeconds } from './study.ts';

/** Windows of the past that are compared, at most and where there is enough of it at least. */
export const WINDOWS_MAX = 8;
const WINDOWS_LEAST = 4;
/** Two-sided 95 % quantiles of Student's t by degrees of freedom, from 1. */
const STUDENT = [12.71, 4.3, 3.18, 2.78, 2.57, 2.45, 2.36];

/** How much what a guest reads differs from one window to the next. */
interface Course {
  /** Disk reads of the last stretch as long as the forecast. */
  readonly last: number;
  /** Disk reads by which the next such stretch differs from it in 95 % of cases. */
  readonly spread: number;
}

/**
 * How far a forecast may be off because guests do something else than they did.
 *
 * A forecast takes it that the last stretch comes again. Whoever had said so before was wrong by as much as successive stretches
 * differ: the past is cut into windows as long as the forecast, from its start backwards, and the differences of disk reads from each
 * to the next are errors of such forecasts. By Student's t the next one lies within t × their root mean square in 95 % of cases. Where
 * less was seen, windows are shorter, and what they differ by is taken to last for the whole time. Phases longer than all that
 * was seen are in no difference. On top comes what the forecast says of the host as it is beyond the last stretch itself: pages that come
 * back are warm, where new ones would not be.
 */
export class ForecastDoubt {
  private readonly guests: readonly Course[];
  private readonly host: Course;
  /** Windows compared, and host seconds of each. */
  private readonly windows: number;
  private readonly windowS: number;
  private baseline: AlternativeOutcome | null = null;

  constructor({ seconds, diskReads }: SeenSeconds, horizonMs: number) {
    const horizonS = horizonMs / 1000;
    let windowS = horizonS;
    while (windowS * WINDOWS_LEAST > seconds && windowS > 1) windowS /= 2;
    this.windowS = Math.max(1, Math.floor(windowS));
    this.windows = Math.min(WINDOWS_MAX, Math.floor(seconds / this.windowS));
    const guests = seconds === 0 ? 0 : diskReads.length / seconds;
    const courses = Array.from({ length: guests }, (_, place) =>
      Float64Array.from({ length: seconds }, (__, second) => diskReads[second * guests + place]),
    );
    const sums = Float64Array.from({ length: seconds }, (_, second) =>
      courses.reduce((sum, course) => sum + course[second], 0),
    );
    this.guests = courses.map((course) => this.courseOf(course, horizonS));
    this.host = this.courseOf(sums, horizonS);
  }

  private courseOf(reads: Float64Array, horizonS: number): Course {
    const { windows, windowS } = this;
    // Of a part of the stretch as much for each second.
    const lastS = Math.min(reads.length, Math.max(1, Math.round(horizonS)));
    const last = (sumOf(reads, reads.length - lastS, reads.length) * horizonS) / Math.max(1, lastS);
    if (windows < 2) return { last, spread: last };
    let squares = 0;
    for (let back = 1; back < windows; back++) {
      const to = reads.length - (back - 1) * windowS;
      const newer = sumOf(reads, to - windowS, to);
      const older = sumOf(reads, to - 2 * windowS, to - windowS);
      squares += (newer - older) ** 2;
    }
    const deviation = Math.sqrt(squares / (windows - 1));
    return { last, spread: (STUDENT[windows - 2] * deviation * horizonS) / windowS };
  }

  /** The answer with its doubt. @param isBaseline told first, where it is asked for */
  added(answer: AlternativeOutcome, isBaseline: boolean): AlternativeOutcome {
    if (isBaseline) this.baseline = answer;
    const doubtOf = ({ last, spread }: Course, reads: number, asItIs: number | undefined): number => {
      const beyond = asItIs === undefined ? 0 : Math.abs(asItIs - last);
      // Who misses more under an alternative sways more.
      return (spread + beyond) * Math.max(1, last === 0 ? 1 : reads / last);
    };
    const host = doubtOf(this.host, answer.host.diskReads, this.baseline?.host.diskReads);
    return {
      ...answer,
      guests: answer.guests.map((guest, place) => ({
        ...guest,
        doubtReads: doubtOf(this.guests[place], guest.diskReads, this.baseline?.guests[place].diskReads),
      })),
      host: { ...answer.host, doubtReads: host },
      assumptions: [...answer.assumptions, this.assumption(answer.host.diskReads, host)],
    };
  }

  /** What a forecast takes for granted, in words, the same for all alternatives: by how much each may be off stands beside it. */
  private assumption(reads: number, doubtReads: number): Assumption {
    const { windows, windowS } = this;
    const part = reads === 0 ? Infinity : doubtReads / reads;
    return {
      text:
        windows < 2
          ? 'guests do again what they did, of which less than two seconds were seen'
          : `guests do again what they did, give or take half of the host's disk reads (judged by ${windows} stretches of ${windowS} s that were seen before)`,
      held: windows >= 2 && part <= 0.5,
    };
  }
}

function sumOf(values: Float64Array, from: number, to: number): number {
  let sum = 0;
  for (let at = Math.max(0, from); at < to; at++) sum += values[at];
  return sum;
}
