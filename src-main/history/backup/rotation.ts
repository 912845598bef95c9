const TODAY_MAX = 3;
const BACKUPS_MAX = 10;
const DAY_MS = 86_400_000;

/**
 * Which backups may go: all but the newest three of today and the newest one of each other day, and of these all but the
 * newest ten. A day is one of UTC, as in the names. The one made last stays in any case, also where the clock was set back.
 *
 * @param times - Wall times of the backups, ms since 1970, in any order.
 * @param latest - The one that was made last; its day is today.
 */
export function expired(times: readonly number[], latest: number): number[] {
  const dayOf = (ms: number): number => Math.floor(ms / DAY_MS);
  const today = dayOf(latest);
  const kept = new Map<number, number>([[today, 1]]);
  let total = 1;
  return times
    .filter((ms) => ms !== latest)
    .sort((a, b) => b - a)
    .filter((ms) => {
      const day = dayOf(ms);
      const ofDay = kept.get(day) ?? 0;
      if (total >= BACKUPS_MAX || ofDay >= (day === today ? TODAY_MAX : 1)) return true;
      kept.set(day, ofDay + 1);
      total++;
      return false;
    });
}
