import { describe, expect, it } from 'vitest';
import type { AlternativeOutcome, StudyResult } from '#contract/studies.ts';
import { curvePlane, valueAt } from '#renderer/pages/what-if/curve-scale.ts';
import { outcomeRows, winnersAndLosers } from '#renderer/pages/what-if/outcome-rows.ts';
import { readsOverTime } from '#renderer/pages/what-if/over-time.ts';
import { quickChanges, type QuickGuest } from '#renderer/pages/what-if/quick-changes.ts';
import { missesAt, spareRam } from '#renderer/pages/what-if/spare-ram.ts';
import { parseHostTime } from '#renderer/pages/what-if/useWhatIf.ts';
import { changeText, errorText, readsChangeText, verdictOf } from '#renderer/stores/study-words.ts';

const guest = (id: number, name: string, more: Partial<QuickGuest> = {}): QuickGuest => ({
  guest: { id, name, workload: '', minPages: 1_024, maxPages: 10_240, colour: id, dash: id },
  ...{ weight: 100, targetPages: 4_096, ephemeralPages: 0, caused: 0, ...more },
});
const text = (value: string): string => value.replaceAll('\u00a0', ' ');

describe('quick changes', () => {
  it('double each guest, and give it a quarter of its RAM less or more within its bounds', () => {
    const found = quickChanges([guest(1, 'web'), guest(2, 'db', { targetPages: 1_100 })]);
    expect(found.map(({ name, cells }) => [text(name), cells])).toEqual([
      ['double web', { 'weight 1': '200' }],
      ['web with 4 MiB less', { 'balloon-target 1': '12' }],
      ['web with 4 MiB more', { 'balloon-target 1': '20' }],
      ['double db', { 'weight 2': '200' }],
      ['db with 1 MiB more', { 'balloon-target 2': '5.3' }],
    ]);
  });

  it('halve whoever others lose most pages for, and only where somebody does', () => {
    expect(quickChanges([guest(1, 'web', { caused: 3 }), guest(2, 'hog', { caused: 40 })])[0]).toEqual({
      name: 'halve the hog (hog)',
      cells: { 'weight 2': '50' },
    });
    expect(quickChanges([guest(1, 'web', { caused: 40 })]).some(({ name }) => name.includes('hog'))).toBe(false);
  });

  it('level the weights where they differ, and never pass the greatest weight', () => {
    const found = quickChanges([guest(1, 'web', { weight: 60_000 }), guest(2, 'db')]);
    expect(found[0]).toEqual({ name: 'all weights equal', cells: { 'weight 1': '100', 'weight 2': '100' } });
    expect(found[1]?.cells).toEqual({ 'weight 1': '65535' });
  });
});

describe('the rows of outcomes', () => {
  const sums = { accesses: 100, cacheHits: 50, precacheHits: 20, diskReads: 30, meanEphemeralPages: 1, error: 0 };
  const one = { ...sums, guestId: 1, name: 'web', meanRamPages: 9, waitingPart: null, waitingError: null };
  const unknown = { evictedBySelf: null, evictedByOthers: null, evictionsCaused: null };
  const gone = { accesses: 0, cacheHits: 0, precacheHits: 0, diskReads: 0, meanRamPages: 0 };
  const outcome = (pays: AlternativeOutcome['breakEvenDiskNs']): AlternativeOutcome => ({
    ...{ name: 'A', engine: 'full', assumptions: [], overTime: null, breakEvenDiskNs: pays },
    guests: [
      { ...one, ...unknown },
      { ...one, ...unknown, ...gone, guestId: 2, name: 'left' },
    ],
    host: { ...sums, evictions: 0, meanFallowPages: 0 },
  });
  const guests = [guest(1, 'web').guest, guest(2, 'left').guest];
  const rows = (pays: AlternativeOutcome['breakEvenDiskNs']) =>
    outcomeRows({ fromMs: 0, horizonMs: 1_000, alternatives: [outcome(pays)] }, guests);

  it('leave out a guest that was removed before the stretch begins', () => {
    expect(rows(undefined).flatMap((row) => (row.guest === null ? [] : [row.guest.name]))).toEqual(['web']);
  });

  it('name as losers who are slowed down, whatever they read an access, and go by reads where nobody waits', () => {
    const told = (more: Partial<(typeof before.guests)[number]>): AlternativeOutcome => ({
      ...before,
      guests: before.guests.map((known, at) => (at === 0 ? { ...known, ...more } : known)),
    });
    const before = outcome(undefined);
    const slowed = { accesses: 10, diskReads: 1, waitingPart: 0.4, waitingError: 0 };
    expect(winnersAndLosers(told(slowed), before)).toEqual({ winners: [], losers: ['web'] });
    expect(winnersAndLosers(before, told(slowed))).toEqual({ winners: ['web'], losers: [] });
    expect(winnersAndLosers(told({ diskReads: 20 }), before)).toEqual({ winners: ['web'], losers: [] });
  });

  it('say from which disks on precache pays, with its unit and a sentence, where the study tells it', () => {
    const pays = rows({ modern: 1_250, old: 8_000 }).find(({ key }) => key === 'pays');
    expect(text(pays?.cells[0]?.text ?? '')).toBe('1.3 µs, old CPU 8.0 µs');
    expect(pays?.about).toContain('the time of one disk read');
    expect(rows({ modern: null, old: null }).find(({ key }) => key === 'pays')?.cells[0]?.text).toBe('finds nothing');
    expect(rows(undefined).some(({ key }) => key === 'pays')).toBe(false);
  });
});

describe('verdicts', () => {
  const reads = (diskReads: number, error = 0) => ({ accesses: 1_000, diskReads, error });

  it('call no difference within the stated errors better or worse', () => {
    expect(verdictOf(reads(90), reads(100))).toBe('better');
    expect(verdictOf(reads(110), reads(100))).toBe('worse');
    expect(verdictOf(reads(90, 0.006), reads(100, 0.006))).toBe('equal');
  });

  it('go by the reads of an access where guests wait and so do less in the same time', () => {
    const slowed = { accesses: 100, diskReads: 12, error: 0 };
    expect(verdictOf(slowed, reads(100))).toBe('worse');
    expect(text(readsChangeText(slowed, reads(100), 'worse'))).toBe('▲ +20 % an access');
    expect(text(readsChangeText(reads(90), reads(100), 'better'))).toBe('▼ −10 %');
    expect(verdictOf({ ...slowed, diskReads: 10 }, reads(100))).toBe('equal');
  });

  it('are told by arrow and sign', () => {
    expect(text(changeText(78, 100, 'better'))).toBe('▼ −22 %');
    expect(text(changeText(410, 10, 'worse'))).toBe('▲ ×41');
    expect(text(changeText(5, 0, 'worse'))).toBe('▲ new');
    expect(changeText(100, 100, 'equal')).toBe('≈');
  });

  it('of a forecast say that the past has to repeat, however exact the engine', () => {
    expect(errorText({ accesses: 1_000, error: 0 }, 10_000, 'replay')).toBe('exact');
    expect(errorText({ accesses: 1_000, error: 0 }, 10_000, 'forecast')).toBe('exact if the past repeats');
    expect(text(errorText({ accesses: 100_000, error: 0.01 }, 10_000, 'replay'))).toBe('± 100 /s');
  });
});

describe('the course over time', () => {
  const outcome = (name: string, diskReads: number[]): AlternativeOutcome =>
    ({
      name,
      guests: [{ guestId: 1 }, { guestId: 2 }],
      overTime: {
        firstSecond: 40,
        seconds: diskReads.length / 2,
        ephemeralPages: new Float64Array(diskReads.length),
        diskReads: Float64Array.from(diskReads),
      },
    }) as unknown as AlternativeOutcome;
  const result = (seconds: number): StudyResult => ({
    fromMs: 40_000,
    horizonMs: seconds * 1000,
    alternatives: [
      outcome(
        'as it is',
        Array.from({ length: seconds * 2 }, (_, at) => at % 2),
      ),
      outcome('A', []),
    ],
  });

  it('adds the guests up, or shows one, on the axis of all runs', () => {
    const all = readsOverTime(result(3), null, 1_000);
    expect(all).toMatchObject({ fromS: 1_040, toS: 1_042, bucketS: 1 });
    expect(all?.series.map(({ label, value }) => [label, ...value])).toEqual([['today', 1, 1, 1]]);
    expect([...(readsOverTime(result(3), 1, 0)?.series[0]?.value ?? [])]).toEqual([0, 0, 0]);
  });

  it('keeps least and greatest of a longer time in few points', () => {
    const model = readsOverTime(result(3_600), null, 0);
    expect(model?.axisS.length).toBeLessThanOrEqual(1_200);
    expect(model?.bucketS).toBe(3);
  });

  it('has nothing to draw where no engine knows a course', () => {
    const none = { ...result(1), alternatives: [{ ...outcome('A', []), overTime: null }] };
    expect(readsOverTime(none, null, 0)).toBeNull();
  });
});

describe('spare RAM', () => {
  const curve = { guestId: 1, accesses: 100, ramPages: 50, sharePages: 10 };
  const points = { pages: Float64Array.of(0, 100), misses: Float64Array.of(100, 0) };
  const sizes = (reads: number[]) => ({
    ...{ knob: { kind: 'host-size' as const }, today: 300, values: [100, 200, 300, 400] },
    diskReads: Float64Array.from(reads),
  });

  it('is what the host can lose before disk reads grow by a hundredth', () => {
    const found = spareRam({ curves: [{ ...curve, ...points }], sensitivities: [sizes([900, 505, 500, 400])] });
    expect(found).toEqual({ sparePages: 100, isAtLeast: false, readsToday: 500, readsWithoutTmem: 50 });
    expect(spareRam({ curves: [{ ...curve, ...points }], sensitivities: [sizes([500, 500, 500, 1])] })).toMatchObject({
      sparePages: 200,
      isAtLeast: true,
    });
  });

  it('reads a curve between its points on a straight line', () => {
    expect(missesAt(points, 25)).toBe(75);
    expect(missesAt(points, 1_000)).toBe(0);
  });
});

describe('the plane of a curve chart', () => {
  const web = { id: 1, label: 'web', colour: 1, dash: 1, x: [50, 100, 200], y: [30, 20, 10] };

  it('puts doubled weights at equal distances, and begins values at 0', () => {
    const plane = curvePlane([web], true);
    expect(plane?.place(100, 0).x).toBeCloseTo(0.5);
    expect(plane?.yTicks[0]).toBe(0);
    expect(curvePlane([], true)).toBeNull();
  });

  it('answers the cursor with the nearest point before it', () => {
    expect(valueAt(web, 150)).toBe(20);
    expect(valueAt(web, 10)).toBeNaN();
  });
});

describe('a typed host time', () => {
  it.each([
    ['00:31:00', 1_860_000],
    ['31:00', 1_860_000],
    ['101:00:01', 363_601_000],
    ['00:61:00', null],
    ['soon', null],
  ])('%s is %s ms', (typed, ms) => {
    expect(parseHostTime(typed)).toBe(ms);
  });
});
