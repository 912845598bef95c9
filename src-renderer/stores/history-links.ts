import { useRouter } from 'vue-router';
import type { Action } from '#contract/model.ts';
import { hostTime } from '../format.ts';
import { placeOnAxis } from './axis.ts';
import { useHost } from './host.ts';
import { usePreferences } from './preferences.ts';
import type { Range } from './sample-ring.ts';

/** Ways from what a chart marks to its rows in the history, with the filter set. */
export function useHistoryLinks() {
  const router = useRouter();
  const host = useHost();
  const { preferences } = usePreferences();

  /** The action's row on the Audit page. */
  function openAction({ id }: Pick<Action, 'id'>): void {
    void router.push({ path: '/audit', query: { row: String(id) } });
  }

  /** Sets the time of the eviction history to a stretch of the axis, both ends included. */
  function narrowEvictions({ fromS, toS }: Range): void {
    const place = placeOnAxis(fromS, host.runs, host.description);
    if (place === null) return;
    const from = place.hostMs;
    Object.assign(preferences.evictions, {
      span: 'custom',
      runId: place.present ? 0 : place.runId,
      from: hostTime(from),
      to: hostTime(from + (toS - fromS) * 1000),
    });
  }

  /** The evictions of a stretch of the axis, whoever lost what. */
  function openEvictions(range: Range): void {
    Object.assign(preferences.evictions, { victims: [], beneficiaries: [], reasons: [] });
    narrowEvictions(range);
    void router.push('/evictions');
  }

  return { openAction, narrowEvictions, openEvictions };
}
