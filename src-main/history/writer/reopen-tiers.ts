import type { Connection } from '../connection.ts';
import { MINUTE_S, TIERS_S } from '../tiers.ts';

/**
 * Takes back the partial buckets at the end of a run that goes on: they would be stored a second time when they are full.
 * What was in them is read again from the finer tier (`TierLog.resume`). Its caller brings the transaction.
 */
export function reopenTiers(connection: Connection, run: { id: number; axisStartS: number }): void {
  const reached = connection.prepare('SELECT toSecond FROM coverage WHERE runId = ? AND tierS = ?').pluck();
  const setReached = connection.prepare('UPDATE coverage SET toSecond = ? WHERE runId = ? AND tierS = ?');
  for (const tierS of TIERS_S) {
    const toSecond = reached.get(run.id, tierS) as number | undefined;
    if (toSecond === undefined || (run.axisStartS + toSecond) % tierS === 0) continue;
    const axisS = run.axisStartS + toSecond;
    const bucketS = axisS - (axisS % tierS);
    connection
      .prepare('DELETE FROM hostTiers WHERE tierS = ? AND runId = ? AND axisS >= ?')
      .run(tierS, run.id, bucketS);
    connection
      .prepare(
        `DELETE FROM guestTiers WHERE tierS = ? AND runId = ?
         AND guestId IN (SELECT guestId FROM guests WHERE runId = ?) AND axisS >= ?`,
      )
      .run(tierS, run.id, run.id, bucketS);
    if (tierS === MINUTE_S) {
      connection.prepare('DELETE FROM evictionMinutes WHERE runId = ? AND axisS >= ?').run(run.id, bucketS);
    }
    setReached.run(Math.max(0, bucketS - run.axisStartS), run.id, tierS);
  }
}
