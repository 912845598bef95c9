import type { RequestAnswer, RequestArgument } from '#contract/requests.ts';
import type { GuestColumn, HostColumn } from '#contract/samples.ts';
import { GAUGE_COLUMNS, GUEST_COLUMNS, HOST_COLUMNS } from '#contract/samples.ts';
import { ConsoleError } from '#contract/errors.ts';
import type { Connection } from '../connection.ts';
import { IMPORTED_COLUMNS, importedQuery } from '../imported-columns.ts';
import type { Coverage, TierS } from '../tiers.ts';
import { floorTo, HOST_OWNER, RAW_S, TIERS_S } from '../tiers.ts';
import type { AxisRange, Piece } from './axis.ts';
import { Axis } from './axis.ts';
import { Names } from './names.ts';
import type { ReadLimits, Resolution } from './resolution.ts';
import { resolutionOf } from './resolution.ts';
import type { Owner, SinksOf } from './sample-source.ts';
import { SampleSource } from './sample-source.ts';
import { SeriesAccumulator } from './series-accumulator.ts';

type Column = GuestColumn | HostColumn;
type Argument = RequestArgument<'history.series'>;

/** A series that was asked for, while it is filled. */
interface Wanted {
  readonly guestId: number | null;
  /** The run in which the guest bears that number. */
  readonly ofRun: number;
  readonly column: Column;
  readonly accumulator: SeriesAccumulator;
}

/**
 * `history.series`: series over a range of the axis, out of the coarsest tier that is fine enough. A guest is followed through
 * the runs by its name.
 */
export function seriesQuery(
  connection: Connection,
  limits?: ReadLimits,
): (argument: Argument) => RequestAnswer<'history.series'> {
  const axis = new Axis(connection);
  const names = new Names(connection);
  const source = new SampleSource(connection);
  const coverageOf = connection.prepare('SELECT tierS, fromSecond, toSecond FROM coverage WHERE runId = ?');
  const guestsOf = connection.prepare('SELECT count(*) FROM guests WHERE runId = ?').pluck();
  const isImported = importedQuery(connection);

  /** The resolution, made coarser until retention has left all that it needs. */
  const chosen = (range: AxisRange, maxPoints: number, series: number) => {
    const inRange = axis.pieces(range).map(({ runId }) => guestsOf.get(runId) as number);
    const guests = Math.max(0, ...inRange);
    for (let finestS: number | undefined = RAW_S; ;) {
      const resolution = resolutionOf(range, maxPoints, { series, guests, finestS, limits });
      const endS = resolution.firstS + resolution.buckets * resolution.bucketS;
      const pieces = axis
        .pieces({ fromS: resolution.firstS, toS: endS - 1 })
        .map((piece) => ({ ...piece, coverage: coverageOf.all(piece.runId) as Coverage[] }));
      finestS = TIERS_S.find((tierS) => tierS > resolution.tierS);
      if (finestS === undefined || pieces.every((piece) => isKept(piece, resolution.tierS))) {
        return { resolution, pieces };
      }
    }
  };

  return ({ range, series, maxPoints }) => {
    series.forEach(checkColumn);
    const { resolution, pieces } = chosen(range, maxPoints, series.length);
    const lastRun = names.lastRun();
    const wanted = series.map(({ guestId, column, runId }) => ({
      guestId,
      ofRun: runId ?? lastRun,
      column,
      accumulator: new SeriesAccumulator(resolution.buckets, GAUGE_COLUMNS.has(column)),
    }));
    for (const piece of pieces) {
      // Of an imported run the rest is not known: gaps.
      const told = isImported(piece.runId) ? wanted.filter(({ column }) => IMPORTED_COLUMNS.has(column)) : wanted;
      const columns = columnsOf(told, (guestId, ofRun) => names.translate(guestId, ofRun, piece.runId));
      for (const span of spansOf(piece, resolution)) fill(source, piece, span, columns, resolution);
    }
    return {
      bucketS: resolution.bucketS,
      axisS: Float64Array.from({ length: resolution.buckets }, (_, at) => resolution.firstS + at * resolution.bucketS),
      series: wanted.map(({ accumulator }) => accumulator.take()),
    };
  };
}

function checkColumn({ guestId, column }: Argument['series'][number]): void {
  const columns: readonly string[] = guestId === null ? HOST_COLUMNS : GUEST_COLUMNS;
  if (columns.includes(column)) return;
  const owner = guestId === null ? 'The host' : 'A guest';
  throw new ConsoleError('bad-request', `${owner} has no column ${column}.`, `Ask for one of: ${columns.join(', ')}.`);
}

interface CoveredPiece extends Piece {
  readonly coverage: readonly Coverage[];
}

/** Whether retention has removed nothing of a tier in this piece. */
function isKept({ coverage, fromSecond }: CoveredPiece, tierS: number): boolean {
  return (coverage.find((row) => row.tierS === tierS)?.fromSecond ?? 0) <= fromSecond;
}

/** A stretch of the axis that is read from one tier. */
interface Span {
  readonly tierS: typeof RAW_S | TierS;
  readonly fromS: number;
  /** Not included. */
  readonly toS: number;
}

/**
 * From which tier each part of a piece is read: the chosen one as far as its stored pages reach, then finer ones for what
 * comes after.
 */
function spansOf(piece: CoveredPiece, resolution: Resolution): Span[] {
  const spans: Span[] = [];
  const endS = piece.axisStartS + piece.toSecond + 1;
  let atS = piece.axisStartS + piece.fromSecond;
  for (const tierS of [...TIERS_S].reverse()) {
    if (tierS > resolution.tierS) continue;
    const toS = Math.min(endS, piece.axisStartS + (piece.coverage.find((row) => row.tierS === tierS)?.toSecond ?? 0));
    if (toS <= atS) continue;
    // A run's first bucket may begin before the run does.
    spans.push({ tierS, fromS: floorTo(atS, tierS), toS });
    atS = toS;
  }
  if (atS < endS) spans.push({ tierS: RAW_S, fromS: atS, toS: endS });
  return spans;
}

/** What is read of one column in one run: the accumulators of each owner that was asked for. */
type ColumnTakers = Map<Column, Map<number, SeriesAccumulator[]>>;

/** The series by column and by the numbers that the guests have in one run, of the host and of guests. */
function columnsOf(
  wanted: readonly Wanted[],
  translate: (guestId: number, ofRun: number) => number | null,
): Readonly<Record<'host' | 'guests', ColumnTakers>> {
  const found = { host: new Map() as ColumnTakers, guests: new Map() as ColumnTakers };
  for (const { guestId, ofRun, column, accumulator } of wanted) {
    const owner = guestId === null ? HOST_OWNER : translate(guestId, ofRun);
    if (owner === null) continue;
    const columns = guestId === null ? found.host : found.guests;
    let owners = columns.get(column);
    if (owners === undefined) columns.set(column, (owners = new Map<number, SeriesAccumulator[]>()));
    owners.set(owner, [...(owners.get(owner) ?? []), accumulator]);
  }
  return found;
}

function fill(
  source: SampleSource,
  piece: Piece,
  span: Span,
  columns: ReturnType<typeof columnsOf>,
  { firstS, bucketS }: Resolution,
): void {
  const read = (owner: Owner, of: ColumnTakers): void => {
    const takers = [...of.values()].map((owners): SinksOf => {
      const sinks = new Map(
        [...owners].map(([ownerId, accumulators]) => [
          ownerId,
          accumulators.map((accumulator) => ({
            add: (axisS: number, seconds: number, lastOrSum: number, minimum: number, maximum: number): void =>
              accumulator.add(Math.floor((axisS - firstS) / bucketS), seconds, lastOrSum, minimum, maximum),
          })),
        ]),
      );
      return (ownerId) => sinks.get(ownerId) ?? [];
    });
    const names = [...of.keys()];
    if (span.tierS === RAW_S) source.readSeconds(piece, span, owner, names, takers);
    else source.readTier(span.tierS, piece, span, owner, names, takers);
  };
  if (columns.host.size > 0) read({ kind: 'host' }, columns.host);
  const ids = new Set([...columns.guests.values()].flatMap((owners) => [...owners.keys()]));
  if (ids.size > 0) read({ kind: 'guests', ids: [...ids] }, columns.guests);
}
