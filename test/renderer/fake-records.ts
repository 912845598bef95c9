import type { Action, HostDescription } from '#contract/model.ts';
import type { RequestAnswer, RequestArgument } from '#contract/requests.ts';
import { GUEST_COUNTS, GUEST_GAUGES, HOST_COUNTS, HOST_GAUGES } from '#contract/reports.ts';
import type { GuestColumn } from '#contract/samples.ts';
import { GUEST_COLUMNS, guestColumnIndex, HOST_COLUMNS } from '#contract/samples.ts';

/** The audit of a fake host, under a filter. */
export function auditOf(
  actions: readonly Action[],
  { guests, kinds, before, limit }: RequestArgument<'history.audit'>,
): RequestAnswer<'history.audit'> {
  const all = actions.filter(
    ({ guestName, kind }) =>
      (guests.length === 0 || (guestName !== null && guests.includes(guestName))) &&
      (kinds.length === 0 || kinds.includes(kind)),
  );
  const below = [...all].reverse().filter(({ id }) => before === null || id < before);
  return {
    rows: below.slice(0, limit).map((action) => ({
      action,
      outcome: 'applied',
      hash: String(action.id).padStart(64, 'c'),
      undoneBy: actions.findLast(({ undoes }) => undoes === action.id)?.id ?? null,
    })),
    more: below.length > limit,
    matching: all.length,
    total: actions.length,
    guests: [...new Set(actions.flatMap(({ guestName }) => guestName ?? []))],
  };
}

interface Second {
  readonly host: Float64Array;
  readonly guests: Float64Array;
}

/** The figures of a report over a fake host's samples. */
export function figuresOf(
  description: HostDescription,
  samples: readonly Second[],
  { range, guests }: RequestArgument<'report.preview'>,
): RequestAnswer<'report.preview'> {
  const { run } = description;
  const fromS = Math.max(run.axisStartS, range?.fromS ?? 0);
  const toS = Math.min(run.axisStartS + samples.length - 1, range?.toS ?? Infinity);
  const seconds = samples.slice(fromS - run.axisStartS, toS - run.axisStartS + 1);
  const figures = <G extends string, C extends string>(
    columns: readonly string[],
    gauges: readonly G[],
    counts: readonly C[],
    valueOf: (second: Second, place: number) => number,
  ) => {
    const values = (column: string): number[] => seconds.map((second) => valueOf(second, columns.indexOf(column)));
    const total = (column: string): number => values(column).reduce((sum, one) => sum + one, 0);
    return {
      gauges: Object.fromEntries(
        gauges.map((column) => [
          column,
          {
            min: Math.min(...values(column)),
            mean: total(column) / seconds.length,
            max: Math.max(...values(column)),
            last: values(column).at(-1) ?? 0,
          },
        ]),
      ) as Record<G, { min: number; mean: number; max: number; last: number }>,
      counts: Object.fromEntries(
        counts.map((column) => [
          column,
          {
            total: total(column),
            meanPerSecond: total(column) / seconds.length,
            maxPerSecond: Math.max(...values(column)),
          },
        ]),
      ) as Record<C, { total: number; meanPerSecond: number; maxPerSecond: number }>,
    };
  };
  const place = (axisSecond: number) => ({
    axisSecond,
    runId: run.id,
    hostMs: (axisSecond - run.axisStartS) * 1000,
    wallMs: null,
  });
  const isRecorded = seconds.length > 0;
  return {
    format: 'tmem-console report 1',
    madeAtWallMs: 0,
    historyId: 'fake',
    range: { from: place(fromS), to: place(Math.max(fromS, toS)) },
    guestsAskedFor: guests,
    pageBytes: 4096,
    recordedSeconds: seconds.length,
    missingSeconds: 0,
    samplesRead: [],
    evictionsRead: [],
    runs: [],
    pool: isRecorded
      ? {
          recordedSeconds: seconds.length,
          ...figures(HOST_COLUMNS, HOST_GAUGES, HOST_COUNTS, ({ host }, at) => host[at] ?? 0),
        }
      : null,
    guests: isRecorded
      ? description.guests
          .filter(({ name }) => guests.length === 0 || guests.includes(name))
          .map(({ id, name, workload }) => ({
            guestId: id,
            name,
            workload,
            runIds: [run.id],
            recordedSeconds: seconds.length,
            ephemeralSharePart: 0.25,
            precacheHitPart: 0.5,
            ...figures(GUEST_COLUMNS, GUEST_GAUGES, GUEST_COUNTS, ({ guests: row }, at) => {
              return row[(id - 1) * GUEST_COLUMNS.length + at] ?? 0;
            }),
          }))
      : [],
    evictions: { pages: 1_000, cells: [] },
    actionCount: 3,
    clockEventCount: 1,
    audit: { rows: 0, headHash: '' },
    versions: {},
  };
}

/** What the pools of a fake host's guests did over a range. */
export function poolsOf(
  guests: readonly { readonly id: number; readonly name: string }[],
  samples: readonly Second[],
  axisStartS: number,
  range: RequestArgument<'history.pools'>['range'],
): RequestAnswer<'history.pools'> {
  const seconds = samples.filter(
    (_, at) => range === null || (axisStartS + at >= range.fromS && axisStartS + at <= range.toS),
  );
  const pools = guests.flatMap(({ id, name }) => {
    const values = (column: GuestColumn): number[] =>
      seconds.map((row) => row.guests[(id - 1) * GUEST_COLUMNS.length + guestColumnIndex(column)] ?? 0);
    const total = (column: GuestColumn): number => values(column).reduce((sum, one) => sum + one, 0);
    const held = (column: GuestColumn) => {
      const found = values(column);
      const mean = found.length === 0 ? 0 : total(column) / found.length;
      return { last: found.at(-1) ?? 0, min: Math.min(...found, 0), mean, max: Math.max(...found, 0) };
    };
    const own = { guestId: id, guest: name };
    return [
      {
        ...own,
        pool: 'precache' as const,
        pages: held('ephemeralPages'),
        puts: total('precachePuts'),
        putsFailed: total('precachePutsFailed'),
        gets: total('precacheGets'),
        hits: total('precacheHits'),
        flushes: total('flushes'),
        evicted: total('evictedBySelf') + total('evictedByOthers'),
      },
      {
        ...own,
        pool: 'preswap' as const,
        pages: held('persistentPages'),
        puts: total('preswapPuts'),
        putsFailed: total('preswapPutsFailed'),
        gets: total('preswapGets'),
        hits: total('preswapGets'),
        flushes: total('preswapFlushes'),
        evicted: 0,
      },
    ];
  });
  return { pools, hostSeconds: seconds.length };
}
