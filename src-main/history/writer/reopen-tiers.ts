import type { Connection } from '../connection.ts';
import { EVICTION_TIERS_S, floorTo, pageSpanS, TIERS_S } from '../tiers.ts';

/**
 * Takes back the partial pages and blocks at the end of a run that goes on: they would be stored a second time when they are
 * full. What was in them is read again from the finer tier (`TierLog.resume`). Its caller brings the transaction.
 */
export function reopenTiers(connection: Connection, run: { id: number; axisStartS: number; seconds: number }): void {
  const reached = connection.prepare('SELECT toSecond FROM coverage WHERE runId = ? AND tierS = ?').pluck();
  const setReached = connection.prepare('UPDATE coverage SET toSecond = ? WHERE runId = ? AND tierS = ?');
  const removePages = connection.prepare('DELETE FROM tierPages WHERE tierS = ? AND runId = ? AND fromS >= ?');
  for (const tierS of TIERS_S) {
    const toSecond = reached.get(run.id, tierS) as number | undefined;
    if (toSecond === undefined) continue;
    const pageS = floorTo(run.axisStartS + toSecond, pageSpanS(tierS));
    if (pageS === run.axisStartS + toSecond) continue;
    removePages.run(tierS, run.id, pageS);
    setReached.run(Math.max(0, pageS - run.axisStartS), run.id, tierS);
  }
  const removeBlocks = connection.prepare('DELETE FROM evictionTiers WHERE tierS = ? AND runId = ? AND fromS >= ?');
  const endS = run.axisStartS + run.seconds;
  for (const tierS of EVICTION_TIERS_S) removeBlocks.run(tierS, run.id, floorTo(endS, tierS));
}
