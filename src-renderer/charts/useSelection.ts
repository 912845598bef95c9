import { computed, ref, type Ref } from 'vue';
import type { PlotArea } from './useTimeChart.ts';
import type { Zoom } from './useZoom.ts';

/** Pixels that a pointer must move before a press counts as a selection. */
const DRAG_PX = 6;

/** A stretch of time that is being chosen in a chart, by dragging or by Shift with the arrow keys. */
export function useSelection(area: Ref<PlotArea | null>, zoom: Zoom | null) {
  const from = ref<number | null>(null);
  const to = ref<number | null>(null);
  let pressedAtPx: number | null = null;
  let dragging = false;

  /** Where the selection lies in the plot, in CSS pixels. */
  const band = computed(() => {
    const place = area.value;
    if (place === null || from.value === null || to.value === null) return null;
    const x = (second: number): number =>
      place.left + ((second - place.fromS) / Math.max(1, place.toS - place.fromS)) * (place.right - place.left);
    const [a, b] = [x(from.value), x(to.value)];
    return { left: Math.max(place.left, Math.min(a, b)), right: Math.min(place.right, Math.max(a, b)) };
  });

  function clear(): void {
    from.value = null;
    to.value = null;
    pressedAtPx = null;
    dragging = false;
  }

  function press(xPx: number, second: number): void {
    if (zoom === null) return;
    clear();
    pressedAtPx = xPx;
    from.value = second;
  }

  /** Answers whether a selection is being drawn. */
  function drag(xPx: number, second: number): boolean {
    if (pressedAtPx === null) return false;
    dragging ||= Math.abs(xPx - pressedAtPx) >= DRAG_PX;
    if (dragging) to.value = second;
    return dragging;
  }

  function release(): void {
    if (dragging) apply();
    clear();
  }

  /** Moves one end by keyboard; the other one stays where the cursor was. */
  function extend(cursor: number, target: number): void {
    if (zoom === null) return;
    from.value ??= cursor;
    to.value = target;
  }

  /** Shows what is selected; answers whether anything was. */
  function apply(): boolean {
    if (zoom === null || from.value === null || to.value === null || from.value === to.value) return false;
    zoom({ fromS: Math.min(from.value, to.value), toS: Math.max(from.value, to.value) });
    clear();
    return true;
  }

  return { from, to, band, press, drag, release, extend, apply, clear };
}
