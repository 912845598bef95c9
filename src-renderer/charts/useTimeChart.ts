import {
  Chart,
  Filler,
  LineController,
  LineElement,
  LinearScale,
  PointElement,
  type ChartConfiguration,
  type Plugin,
} from 'chart.js';
import { useDocumentVisibility } from '@vueuse/core';
import { onBeforeUnmount, onMounted, shallowRef, watch, type Ref } from 'vue';
import { GAP, tick } from '../format.ts';
import { hasData, highestOf, type ChartKind, type ChartModel } from './chart-model.ts';
import { lineDatasets, stackedDatasets, type Point } from './datasets.ts';
import { clockTicks, steadyScale, timeTicks, type ValueScale } from './scale.ts';
import { useChartTheme } from './theme.ts';

Chart.register(LineController, LineElement, PointElement, LinearScale, Filler);

/** Where the drawing lies in its canvas, in CSS pixels, and which stretch of time it spans. */
export interface PlotArea {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
  readonly fromS: number;
  readonly toS: number;
}

/** Pixels for one label of the time axis. */
const TIME_LABEL_PX = 92;
const VALUE_AXIS_PX = 56;

/** Says once, to whoever measures the start, that a chart with data has been painted. */
function markFirstPaint(): void {
  const root = document.documentElement;
  if (root.dataset['firstChart'] === 'painted') return;
  root.dataset['firstChart'] = 'painted';
  performance.mark('first-chart-painted');
}

/**
 * A Chart.js line chart kept equal to its model: one update per animation frame at most, none while the window is
 * hidden, no animation. Returns where the plot lies, for cursor and markers, which are drawn over it.
 */
export function useTimeChart(canvas: Ref<HTMLCanvasElement | null>, model: Ref<ChartModel>, drawnAs: Ref<ChartKind>) {
  const theme = useChartTheme();
  const visibility = useDocumentVisibility();
  const area = shallowRef<PlotArea | null>(null);
  let chart: Chart<'line', Point[]> | null = null;
  let scale: ValueScale | null = null;
  let frame = 0;

  const measure: Plugin<'line'> = {
    id: 'measure',
    afterRender(drawn) {
      const { left, right, top, bottom } = drawn.chartArea;
      const { fromS, toS } = model.value;
      const was = area.value;
      const same =
        was?.left === left && was.right === right && was.top === top && was.bottom === bottom && was.toS === toS;
      if (!same || was.fromS !== fromS) area.value = { left, right, top, bottom, fromS, toS };
      if (hasData(model.value)) requestAnimationFrame(markFirstPaint);
    },
  };

  function configuration(): ChartConfiguration<'line', Point[]> {
    return {
      type: 'line',
      data: { datasets: [] },
      plugins: [measure],
      options: {
        parsing: false,
        animation: false,
        responsive: true,
        maintainAspectRatio: false,
        events: [],
        layout: { padding: { top: 6, right: 1 } },
        scales: {
          x: {
            type: 'linear',
            border: { display: false },
            grid: { display: false },
            ticks: { maxRotation: 0, autoSkip: false, align: 'inner', padding: 4 },
          },
          y: {
            type: 'linear',
            min: 0,
            border: { display: false },
            ticks: { padding: 6 },
            afterFit: (axis) => {
              axis.width = VALUE_AXIS_PX;
            },
          },
        },
      },
    };
  }

  function update(): void {
    frame = 0;
    if (chart === null || visibility.value === 'hidden') return;
    const now = model.value;
    const look = theme.value;
    const kind = drawnAs.value;
    scale = steadyScale(scale, highestOf(now, kind.stacked), kind.whole);
    const { max, step } = scale;
    const most = Math.max(2, Math.floor(chart.width / TIME_LABEL_PX));
    const ticks =
      kind.clock === undefined
        ? timeTicks(now.fromS, now.toS, most)
        : clockTicks(now, most, { origin: kind.clock.origin(), text: kind.clock.text });
    const font = { family: look.font, size: look.axisPx };
    const { x, y } = chart.options.scales ?? {};
    if (x?.ticks === undefined || y?.ticks === undefined) return;
    x.min = now.fromS;
    x.max = Math.max(now.toS, now.fromS + 1);
    x.afterBuildTicks = (axis) => {
      axis.ticks = ticks.map(({ second }) => ({ value: second }));
    };
    x.ticks.callback = (_value, at) => ticks[at]?.label ?? '';
    x.ticks.color = look.dim;
    x.ticks.font = font;
    y.max = max;
    const axisEnd = Math.round(max / step) * step;
    y.afterBuildTicks = (axis) => {
      axis.ticks = Array.from({ length: Math.round(max / step) + 1 }, (_, at) => ({ value: at * step }));
    };
    y.ticks.callback = (value) =>
      Number(value) === axisEnd ? `${tick(max, step)}${GAP}${kind.unit}` : tick(Number(value), step);
    y.ticks.color = look.dim;
    y.ticks.font = font;
    y.grid = { color: look.grid, drawTicks: false };
    chart.data.datasets = kind.stacked ? stackedDatasets(now, look) : lineDatasets(now, look);
    chart.update('none');
  }

  function schedule(): void {
    if (frame === 0) frame = requestAnimationFrame(update);
  }

  onMounted(() => {
    // Where there is no canvas drawing (tests, broken graphics) the table view and the summary still stand.
    const context = canvas.value?.getContext('2d') ?? null;
    if (context === null) return;
    chart = new Chart(context, configuration());
    schedule();
  });
  watch([model, drawnAs, theme, visibility], schedule);
  onBeforeUnmount(() => {
    cancelAnimationFrame(frame);
    chart?.destroy();
    chart = null;
  });

  return { area };
}
