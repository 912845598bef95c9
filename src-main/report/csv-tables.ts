import type { CountFigures, GaugeFigures, Report } from '#contract/reports.ts';
import { GUEST_COUNTS, GUEST_GAUGES, HOST_COUNTS, HOST_GAUGES } from '#contract/reports.ts';
import { plainValue, VALUE_UNITS } from './action-words.ts';
import type { CsvValue } from './csv.ts';
import { csvLines } from './csv.ts';

/** The tables of a report as CSV, by the names of their files. Units stand in the headers; times are UTC (ISO 8601). */
export function csvTables(report: Report): ReadonlyMap<string, Iterable<string>> {
  const table = (header: readonly string[], rows: readonly (readonly CsvValue[])[]) => csvLines(header, rows);
  return new Map([
    ['about.csv', table(['what', 'value'], aboutRows(report))],
    [
      'guests.csv',
      table(
        [
          ...['guest', 'workload', 'recordedSeconds', 'ephemeralSharePart', 'precacheHitPart'],
          ...figureNames(GUEST_GAUGES, GUEST_COUNTS),
        ],
        report.guests.map((guest) => [
          guest.name,
          guest.workload,
          guest.recordedSeconds,
          guest.ephemeralSharePart,
          guest.precacheHitPart,
          ...figures(guest, GUEST_GAUGES, GUEST_COUNTS),
        ]),
      ),
    ],
    [
      'pool.csv',
      table(
        ['recordedSeconds', ...figureNames(HOST_GAUGES, HOST_COUNTS)],
        report.pool === null ? [] : [[report.pool.recordedSeconds, ...figures(report.pool, HOST_GAUGES, HOST_COUNTS)]],
      ),
    ],
    [
      'evictions.csv',
      table(
        ['victim', 'beneficiary', 'reason', 'pages'],
        report.evictions.cells.map(({ victim, beneficiary, reason, pages }) => [victim, beneficiary, reason, pages]),
      ),
    ],
    [
      'actions.csv',
      table(
        [
          'row',
          'run',
          'hostSeconds',
          'wallTime',
          'guest',
          'kind',
          'before',
          'after',
          'unit',
          'source',
          'outcome',
          'reason',
          'undoes',
        ],
        report.actions.map(({ outcome, action }) => [
          action.id,
          action.runId,
          action.hostMs / 1000,
          isoTime(action.wallMs),
          action.guestName,
          action.kind,
          plainValue(action.before),
          plainValue(action.after),
          VALUE_UNITS[action.kind],
          action.source,
          outcome,
          action.reason,
          action.undoes,
        ]),
      ),
    ],
    [
      'clock-events.csv',
      table(
        ['run', 'hostSeconds', 'wallTime', 'kind', 'detail'],
        report.clockEvents.map(({ runId, hostMs, wallMs, kind, detail }) => [
          runId,
          hostMs / 1000,
          isoTime(wallMs),
          kind,
          detail,
        ]),
      ),
    ],
    [
      'runs.csv',
      table(
        [
          'run',
          'source',
          'policy',
          'idleTaxPermille',
          'totalPages',
          'recordedSeconds',
          'startedAtWallTime',
          'end',
          'appVersion',
        ],
        report.runs.map((run) => [
          run.runId,
          sourceText(run.source),
          run.policy,
          run.idleTaxPermille,
          run.totalPages,
          run.recordedSeconds,
          isoTime(run.startedAtWallMs),
          run.end,
          run.appVersion,
        ]),
      ),
    ],
  ]);
}

/** What a run was, in words. */
export function sourceText(source: Report['runs'][number]['source']): string {
  return source.kind === 'modelled'
    ? `modelled: ${source.scenario}, seed ${source.seed}`
    : `imported from Xen, ${source.from} to ${source.to}, without what its listings do not tell (RAM, accesses, disk reads, who evicts whom)`;
}

function isoTime(ms: number): string {
  return new Date(ms).toISOString();
}

function aboutRows(report: Report): [string, CsvValue][] {
  const { from, to } = report.range;
  const wall = ({ wallMs }: typeof from): string | null => (wallMs === null ? null : isoTime(wallMs));
  return [
    ['format', report.format],
    ['madeAtWallTime', isoTime(report.madeAtWallMs)],
    ['historyId', report.historyId],
    ['fromRun', from.runId],
    ['fromHostSeconds', from.hostMs / 1000],
    ['fromWallTime', wall(from)],
    ['toRun', to.runId],
    ['toHostSeconds', to.hostMs / 1000],
    ['toWallTime', wall(to)],
    ['pageBytes', report.pageBytes],
    ['recordedSeconds', report.recordedSeconds],
    ['missingSeconds', report.missingSeconds],
    ...report.samplesRead.map((read): [string, string] => [
      'samplesRead',
      `run ${read.runId}, axis seconds ${read.fromAxisSecond} to ${read.toAxisSecond - 1}, by ${read.resolutionSeconds} s`,
    ]),
    ['auditRows', report.audit.rows],
    ['auditHeadHash', report.audit.headHash],
    ...Object.entries(report.versions).map(([name, version]): [string, string] => [`version ${name}`, version]),
  ];
}

function figureNames(gauges: readonly string[], counts: readonly string[]): string[] {
  return [
    ...gauges.flatMap((name) => ['min', 'mean', 'max', 'last'].map((figure) => `${name} ${figure}`)),
    ...counts.flatMap((name) => ['total', 'mean per second', 'max per second'].map((figure) => `${name} ${figure}`)),
  ];
}

interface Figures<G extends string, C extends string> {
  readonly gauges: Readonly<Record<G, GaugeFigures>>;
  readonly counts: Readonly<Record<C, CountFigures>>;
}

function figures<G extends string, C extends string>(
  of: Figures<G, C>,
  gauges: readonly G[],
  counts: readonly C[],
): (number | null)[] {
  return [
    ...gauges.flatMap((name) => [of.gauges[name].min, of.gauges[name].mean, of.gauges[name].max, of.gauges[name].last]),
    ...counts.flatMap((name) => [of.counts[name].total, of.counts[name].meanPerSecond, of.counts[name].maxPerSecond]),
  ];
}
