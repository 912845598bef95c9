import type { Action, ClockEvent, HostDescription, Run } from '#contract/model.ts';
import type { ChartMarker } from '../../charts/chart-model.ts';
import { hostTime } from '../../format.ts';
import { axisSecondOf } from '../../stores/axis.ts';
import { actionText, clockEventText } from '../../stores/event-text.ts';

/** Actions and clock events as markers on the axis of all runs; those of unknown runs are left out. */
export function chartMarkers(
  actions: readonly Action[],
  clockEvents: readonly ClockEvent[],
  runs: readonly Run[],
  description: HostDescription | null,
): ChartMarker[] {
  const marker = (
    event: { runId: number; hostMs: number },
    rest: Pick<ChartMarker, 'key' | 'kind' | 'text'>,
  ): ChartMarker[] => {
    const second = axisSecondOf(event.runId, event.hostMs, runs, description);
    return second === null ? [] : [{ ...rest, second, time: hostTime(event.hostMs) }];
  };
  return [
    ...actions.flatMap((action) =>
      marker(action, { key: `action ${action.id}`, kind: 'action', text: actionText(action) }),
    ),
    ...clockEvents.flatMap((event) =>
      marker(event, {
        key: `clock ${event.runId} ${event.wallMs} ${event.kind}`,
        kind: 'clock',
        text: clockEventText(event),
      }),
    ),
  ];
}
