import type { RequestAnswer, RequestArgument } from '#contract/requests.ts';
import type { GuestColumn, HostColumn } from '#contract/samples.ts';
import { GAUGE_COLUMNS, GUEST_COLUMNS, HOST_COLUMNS } from '#contract/samples.ts';
import { ConsoleError } from '#contract/errors.ts';
import type { Connection } from '../connection.ts';
import type { Coverage } from '../tiers.ts';
import { RAW_S, TIERS_S } from '../tiers.ts';
import type { AxisRange, Piece } from './axis.ts';
import { Axis } from './axis.ts';
import type { ReadLimits, Resolution } from './resolution.ts';
import { resolutionOf } from './resolution.ts';
import type { Owner, SampleRows } from './sample-source.ts';
import { SampleSource } from './sample-source.ts';
import { SeriesAccumulator } from './series-accumulator.ts';

type Column = GuestColumn | HostColumn;
type Argument = RequestArgument<'history.series'>;

/** A series that was asked for, while it is filled. */
interface Wanted {
  readonly ownerId: number;
  readonly column: Column;
  readonly accumulator: SeriesAccumulator;
}

const HOST = 0;

/** `history.series`: series over a range of the axis, out of the finest tier that is not too many rows. */
export function seriesQuery(
  connection: Connection,
  limits?: ReadLimits,
): (argument: Argument) => RequestAnswer<'history.series'> {
  const axis = new Axis(connection);
  const source = new SampleSource(connection);
  const coverageOf = connection.prepare('SELECT tierS, fromSecond, toSecond FROM coverage WHERE runId = ?');

  /** The resolution, made coarser until retention has left all that it needs. */
  const chosen = (range: AxisRange, maxPoints: number, owners: number) => {
    for (let finestS: number | undefined = RAW_S; ;) {
      const resolution = resolutionOf(range, maxPoints, owners, { finestS, limits });
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
    const owners = new Set(series.map(({ guestId }) => guestId ?? HOST));
    const { resolution, pieces } = chosen(range, maxPoints, owners.size);
    const wanted = series.map(({ guestId, column }) => ({
      ownerId: guestId ?? HOST,
      column,
      accumulator: new SeriesAccumulator(resolution.buckets, GAUGE_COLUMNS.has(column)),
    }));
    for (const piece of pieces) {
      for (const span of spansOf(piece, resolution)) fill(source, piece, span, wanted, resolution);
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
  readonly tierS: number;
  readonly fromS: number;
  /** Not included. */
  readonly toS: number;
}

/**
 * From which tier each part of a piece is read: the chosen one as far as it reaches, then finer ones for the seconds at the
 * end whose bucket is not complete yet.
 */
function spansOf(piece: CoveredPiece, resolution: Resolution): Span[] {
  const spans: Span[] = [];
  const endS = piece.axisStartS + piece.toSecond + 1;
  let atS = piece.axisStartS + piece.fromSecond;
  for (const tierS of [...TIERS_S, RAW_S].sort((a, b) => b - a)) {
    if (tierS > resolution.tierS) continue;
    const reachS = piece.axisStartS + (piece.coverage.find((row) => row.tierS === tierS)?.toSecond ?? 0);
    const toS = Math.min(endS, tierS === RAW_S ? endS : reachS);
    if (toS <= atS) continue;
    // A run's first bucket may begin before the run does.
    spans.push({ tierS, fromS: atS - (atS % tierS), toS });
    atS = toS;
  }
  return spans;
}

function fill(source: SampleSource, piece: Piece, span: Span, wanted: readonly Wanted[], resolution: Resolution): void {
  const ofHost = wanted.filter(({ ownerId }) => ownerId === HOST);
  const ofGuests = wanted.filter(({ ownerId }) => ownerId !== HOST);
  const read = (owner: Owner, of: readonly Wanted[]): void => {
    if (of.length === 0) return;
    const columns = [...new Set(of.map(({ column }) => column))];
    addRows(source.read(span.tierS, piece, span, owner, columns), columns, of, resolution);
  };
  read({ kind: 'host' }, ofHost);
  read({ kind: 'guests', ids: [...new Set(ofGuests.map(({ ownerId }) => ownerId))] }, ofGuests);
}

function addRows(
  rows: SampleRows,
  columns: readonly Column[],
  wanted: readonly Wanted[],
  { firstS, bucketS }: Resolution,
): void {
  const { axisS, seconds, guestId } = rows;
  const places = new Map<number, number[]>();
  for (let at = 0; at < axisS.length; at++) {
    const owner = guestId?.[at] ?? HOST;
    const known = places.get(owner);
    if (known === undefined) places.set(owner, [at]);
    else known.push(at);
  }
  for (const { ownerId, column, accumulator } of wanted) {
    const values = rows.columns[columns.indexOf(column)];
    if (values === undefined) continue;
    const { lastOrSum, minimum, maximum } = values;
    for (const at of places.get(ownerId) ?? []) {
      const bucket = Math.floor(((axisS[at] ?? NaN) - firstS) / bucketS);
      accumulator.add(bucket, seconds?.[at] ?? 1, lastOrSum[at] ?? NaN, minimum[at] ?? NaN, maximum[at] ?? NaN);
    }
  }
}
