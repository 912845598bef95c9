import type { StudyResult } from '#contract/studies.ts';
import type { ChartModel, ChartSeries } from '../../charts/chart-model.ts';

/** Most points of a line. */
const POINTS_MAX = 1_200;
/** Colours of the lines: today's is nobody's, then one an alternative. */
const COLOURS = 8;

/**
 * Disk reads a second over the studied time, a line for each alternative whose engine knows a course: of one guest, or of
 * all (null). Longer times are told in buckets with mean, least and greatest.
 * @param axisStartS where host second 0 lies on the axis of all runs
 */
export function readsOverTime(
  { alternatives }: StudyResult,
  guestId: number | null,
  axisStartS: number,
): ChartModel | null {
  const known = alternatives.flatMap(({ name, overTime, guests }, place) =>
    overTime === null || overTime.seconds === 0 ? [] : [{ name, overTime, guests, place }],
  );
  const [first] = known;
  if (first === undefined) return null;
  const { seconds } = first.overTime;
  const firstSecond = axisStartS + first.overTime.firstSecond;
  const bucketS = Math.ceil(seconds / POINTS_MAX);
  const points = Math.ceil(seconds / bucketS);
  const series = known.map(({ name, overTime, guests, place }): ChartSeries => {
    const width = guests.length;
    const column = guestId === null ? -1 : guests.findIndex((guest) => guest.guestId === guestId);
    const value = new Float64Array(points).fill(NaN);
    const minimum = value.slice();
    const maximum = value.slice();
    for (let point = 0; point < points; point++) {
      let sum = 0;
      let count = 0;
      for (let s = point * bucketS; s < Math.min(seconds, (point + 1) * bucketS); s++) {
        const row = overTime.diskReads.subarray(s * width, (s + 1) * width);
        const reads = column < 0 ? row.reduce((total, one) => total + one, 0) : (row[column] ?? NaN);
        sum += reads;
        minimum[point] = count === 0 ? reads : Math.min(minimum[point] ?? NaN, reads);
        maximum[point] = count === 0 ? reads : Math.max(maximum[point] ?? NaN, reads);
        count++;
      }
      if (count > 0) value[point] = sum / count;
    }
    const colour = place === 0 ? 0 : ((place - 1) % COLOURS) + 1;
    return { id: place, label: place === 0 ? 'today' : name, colour, dash: place + 1, value, minimum, maximum };
  });
  return {
    fromS: firstSecond,
    toS: firstSecond + seconds - 1,
    bucketS,
    axisS: Float64Array.from({ length: points }, (_, at) => firstSecond + at * bucketS),
    series,
  };
}
