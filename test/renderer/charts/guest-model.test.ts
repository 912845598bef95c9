import { describe, expect, it } from 'vitest';
import { guestModel } from '#renderer/charts/guest-model.ts';
import type { WindowSeries } from '#renderer/charts/window-series.ts';
import { shownGuests } from '../samples.ts';

const window: WindowSeries = { fromS: 0, toS: 1, bucketS: 1, axisS: Float64Array.of(0, 1), series: new Map() };
/** Guest n has the value n in both seconds. */
const read = (_window: WindowSeries, id: number) => {
  const value = Float64Array.of(id, id);
  return { value, minimum: value, maximum: value };
};
const names = (number: number): string[] => Array.from({ length: number }, (_, at) => `g${at + 1}`);

describe('a chart of guests', () => {
  it('shows all of a few', () => {
    const model = guestModel(window, shownGuests(...names(12)), read, 'sum');
    expect(model.series.map(({ label }) => label)).toEqual(names(12));
  });

  it('shows the greatest of many in their order, and adds up the others', () => {
    const model = guestModel(window, shownGuests(...names(64)), read, 'sum');
    expect(model.series.map(({ label }) => label)).toEqual([...names(64).slice(52), '52 others']);
    expect([...(model.series.at(-1)?.value ?? [])]).toEqual([(52 * 53) / 2, (52 * 53) / 2]);
    expect(model.guests).toBe(64);
  });

  it('leaves the others out where they do not add up', () => {
    const model = guestModel(window, shownGuests(...names(64)), read, 'none');
    expect(model.series.map(({ label }) => label)).toEqual(names(64).slice(52));
  });
});
