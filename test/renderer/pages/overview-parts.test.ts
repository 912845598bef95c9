import { describe, expect, it } from 'vitest';
import type { HostDescription, Run } from '#contract/model.ts';
import { windowOfRing } from '#renderer/charts/window-series.ts';
import { chartMarkers } from '#renderer/pages/overview/chart-markers.ts';
import { keyFigures } from '#renderer/pages/overview/key-figures.ts';
import { ramSegments, segmentText } from '#renderer/pages/overview/ram-segments.ts';
import { evictionMatrix } from '#renderer/stores/eviction-matrix.ts';
import { SampleRing, type SeriesKey } from '#renderer/stores/sample-ring.ts';
import { shownGuests, write } from '../samples.ts';

const plain = (text: string): string => text.replaceAll('\u00a0', ' ');
const guests = shownGuests('build', 'search');

function ringOf(): SampleRing {
  const ring = new SampleRing([1, 2], 128);
  for (let s = 0; s < 60; s++) {
    const late = s >= 50;
    write(
      ring,
      s,
      { totalPages: 10_240, reservedPages: 1024, ephemeralPages: 3072, persistentPages: 512, fallowPages: 512, evictions: late ? 40 : 0 },
      { ramPages: 2560, ephemeralPages: 1024, precacheGets: 100, precacheHits: late ? 80 : 20, diskReads: late ? 20 : 80, evictionsCaused: late ? 30 : 0 },
      { ramPages: 2560, ephemeralPages: 2048, precacheGets: 100, precacheHits: 40, diskReads: 60, evictionsCaused: late ? 10 : 0 },
    ); // prettier-ignore
  }
  return ring;
}

describe('the key figures', () => {
  const keys: SeriesKey[] = [1, 2].flatMap((guestId) => [
    { guestId, column: 'precacheGets' },
    { guestId, column: 'precacheHits' },
  ]);

  it('are of the last 10 s and say what they are compared with', () => {
    const ring = ringOf();
    const window = windowOfRing(ring, keys, { fromS: 0, toS: 59 }, 100);
    const [ratio, avoided, evictions, fallow] = keyFigures(ring, guests, window, '1 min').map((figure) => ({
      value: plain(figure.value),
      note: plain(figure.note),
      tone: figure.tone,
    }));
    expect(ratio).toEqual({ value: '60.0 %', note: '▲ +25.0 points from 35.0 % in 1 min', tone: 'good' });
    expect(avoided).toMatchObject({ value: '120 /s', note: 'of 200 /s misses in the guests' });
    expect(evictions).toMatchObject({ value: '40 /s', note: 'build caused 75.0 %' });
    expect(fallow).toMatchObject({ value: '2.0 MiB', note: '5.0 % of 40.0 MiB host RAM' });
  });

  it('show nothing, and no invented zero, before the first sample', () => {
    const values = keyFigures(new SampleRing([1, 2]), guests, null, '1 min').map(({ value }) => value);
    expect(values).toEqual(['–', '–', '–', '–']);
    expect(keyFigures(new SampleRing([]), [], null, '1 min').map(({ value }) => value)).toEqual(['–', '–', '–', '–']);
  });

  it('say who caused most, whether of its own pages, and when it was nobody or the host', () => {
    const note = (evictions: number, own: number, caused: number): string => {
      const ring = new SampleRing([1, 2], 16);
      write(ring, 0, { evictions }, { evictedBySelf: own, evictionsCaused: caused }, {});
      return plain(keyFigures(ring, guests, null, '')[2]?.note ?? '');
    };
    expect(note(0, 0, 0)).toBe('nobody loses pages');
    expect(note(10, 8, 1)).toBe('build caused 90.0 %, mostly its own');
    expect(note(10, 0, 0)).toBe('all for the host');
    expect(note(10, 2, 6)).toBe('build caused 80.0 %');
  });
});

describe('the parts of the host’s RAM', () => {
  it('are all of it, without remainder', () => {
    const segments = ramSegments(ringOf(), guests);
    expect(segments.map(({ key }) => key)).toEqual(['reserved', 'guest 1', 'guest 2', 'ephemeral 1', 'ephemeral 2', 'persistent', 'fallow']); // prettier-ignore
    expect(segments.reduce((sum, { pages }) => sum + pages, 0)).toBe(10_240);
    expect(segments.reduce((sum, { part }) => sum + part, 0)).toBeCloseTo(1);
  });

  it('are memory where pages are packed, in the proportion of the pages that guests have', () => {
    const ring = ringOf();
    const memory = { totalPages: 8_704, reservedPages: 1024, ephemeralPages: 1536, persistentPages: 512, fallowPages: 512 }; // prettier-ignore
    write(ring, 60, memory, { ramPages: 2560, ephemeralPages: 1024 }, { ramPages: 2560, ephemeralPages: 2048 });
    const segments = ramSegments(ring, guests);
    expect(segments.filter(({ kind }) => kind === 'ephemeral').map(({ pages }) => pages)).toEqual([512, 1024]);
    expect(segments.reduce((sum, { part }) => sum + part, 0)).toBeCloseTo(1);
  });

  it('are said in words', () => {
    const ephemeral = ramSegments(ringOf(), guests)[4];
    expect(ephemeral && plain(segmentText(ephemeral))).toBe(
      'search ephemeral: 8.0 MiB, 2,048 pages, 20.0 % of host RAM; loaned, can be repossessed at any time',
    );
  });

  it('are none before the first sample', () => {
    expect(ramSegments(new SampleRing([1, 2]), guests)).toEqual([]);
  });
});

describe('who evicts whom', () => {
  const cell = (victimId: number, victim: string, beneficiaryId: number, beneficiary: string, pages: number) => ({
    victimId,
    victim,
    beneficiaryId,
    beneficiary,
    pages,
  });

  it('adds up by victim and beneficiary and names the host', () => {
    const cells = [cell(1, 'build', 2, 'search', 5), cell(2, 'search', 0, 'host', 7), cell(1, 'build', 1, 'build', 1)];
    const matrix = evictionMatrix({ cells, pages: 13, ages: [], seconds: 3 }, guests);
    expect(matrix.victims.map(({ name, pages }) => [name, pages])).toEqual([
      ['build', 6],
      ['search', 7],
    ]);
    expect(matrix.beneficiaries.map(({ name, pages }) => [name, pages])).toEqual([
      ['build', 1],
      ['search', 5],
      ['the host', 7],
    ]);
    const [build, search] = matrix.victims;
    expect(build && search && matrix.at(build, search)).toBe(5);
    expect(matrix.greatest).toBe(7);
  });

  it('keeps guests of a past run apart that had the same id', () => {
    const cells = [cell(1, 'build', 2, 'search', 5), cell(1, 'mail', 2, 'search', 8)];
    const matrix = evictionMatrix({ cells, pages: 13, ages: [], seconds: 3 }, guests);
    expect(matrix.victims.map(({ name, colour, pages }) => [name, colour, pages])).toEqual([
      ['build', 1, 5],
      ['mail', null, 8],
      ['search', 2, 0],
    ]);
  });
});

describe('markers of actions and clock events', () => {
  const run = (id: number, axisStartS: number, seconds: number): Run => ({
    id,
    source: { kind: 'modelled', scenario: 's', seed: 1 },
    axisStartS,
    seconds,
    startedAtMs: 0,
    end: id === 2 ? 'running' : 'stopped',
  });

  it('stand where their run lies on the axis of all runs', () => {
    const description = { run: run(2, 101, 0) } as HostDescription;
    const action = {
      id: 1, runId: 2, hostMs: 5_900, wallMs: 0, kind: 'weight' as const, guestId: 1, guestName: 'build', before: 100, after: 400, source: 'cli' as const, reason: null, undoes: null,
    }; // prettier-ignore
    const event = { runId: 1, hostMs: 7_000, wallMs: 0, kind: 'pause' as const, detail: 'Paused.' };
    const lost = { ...event, runId: 9 };
    const markers = chartMarkers([action], [event, lost], [run(1, 0, 100), run(2, 101, 0)], description);
    expect(markers.map(({ second, kind, text, time }) => [second, kind, text, time])).toEqual([
      [106, 'action', 'build weight 100 → 400', '00:00:05'],
      [7, 'clock', 'Paused', '00:00:07'],
    ]);
  });
});
