import { computed } from 'vue';
import { axisTime } from '../stores/axis.ts';
import { useHost } from '../stores/host.ts';
import type { TimeView } from '../stores/time-views.ts';
import type { ChartKind } from './chart-model.ts';

/** How a page's charts tell the time: back from now while they move, by host time where they stand still. */
export function useAxisClock(view: TimeView) {
  const host = useHost();
  return computed<Pick<ChartKind, 'clock'>>(() => {
    if (view.fixed.value === null) return {};
    return {
      clock: {
        origin: () => host.description?.run.axisStartS ?? 0,
        text: (second) => axisTime(Math.max(0, second), host.runs, host.description),
      },
    };
  });
}
