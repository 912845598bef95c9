import type { Action, ClockEvent, HostDescription, Run } from '#contract/model.ts';
import type { Burst } from '../../charts/bursts.ts';
import type { ChartMarker } from '../../charts/chart-model.ts';
import { hostTime, rate } from '../../format.ts';
import { axisSecondOf } from '../../stores/axis.ts';
import { actionText, clockEventText } from '../../stores/event-text.ts';

/** Actions and clock events as markers on the axis of all runs; those of unknown runs are left out. */
export function chartMarkers(
  actions: readonly Action[],
  clockEvents: readonly ClockEvent[],
  runs: readonly Run[],
  description: HostDescription | null,
  openAction?: (action: Action) => void,
): ChartMarker[] {
  const marker = (
    event: { runId: number; hostMs: number },
    rest: Omit<ChartMarker, 'second' | 'time'>,
  ): ChartMarker[] => {
    const second = axisSecondOf(event.runId, event.hostMs, runs, description);
    return second === null ? [] : [{ ...rest, second, time: hostTime(event.hostMs) }];
  };
  return [
    ...actions.flatMap((action) =>
      marker(action, {
        key: `action ${action.id}`,
        kind: 'action',
        text: actionText(action),
        ...(openAction === undefined ? {} : { open: () => openAction(action) }),
      }),
    ),
    ...clockEvents.flatMap((event) =>
      marker(event, {
        key: `clock ${event.runId} ${event.hostMs} ${event.wallMs} ${event.kind}`,
        kind: 'clock',
        text: clockEventText(event),
      }),
    ),
  ];
}

/** Bursts of evictions as markers where they are greatest. */
export function burstMarkers(
  bursts: readonly Burst[],
  timeOf: (second: number) => string,
  openBurst: (burst: Burst) => void,
): ChartMarker[] {
  return bursts.map((burst) => ({
    key: `burst ${burst.fromS}`,
    second: burst.peakS,
    kind: 'burst',
    text: `${rate(burst.perSecond)} evicted`,
    time: timeOf(burst.peakS),
    open: () => openBurst(burst),
  }));
}
