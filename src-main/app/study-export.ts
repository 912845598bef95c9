import type { RequestAnswer } from '#contract/requests.ts';
import type { AlternativeOutcome } from '#contract/studies.ts';
import type { StudyExportFormat } from '#contract/study-keeping.ts';
import { csvLines, type CsvValue } from '../report/csv.ts';

type KeptStudy = RequestAnswer<'history.study'>;

const HEADER = [
  ...['study', 'alternative', 'engine', 'guest', 'horizonMs', 'accesses', 'cacheHits', 'precacheHits', 'diskReads'],
  ...['errorReadsPerAccess', 'meanEphemeralPages', 'meanRamPages', 'evictedBySelf', 'evictedByOthers'],
  ...['evictionsCaused', 'evictions', 'meanFallowPages', 'waitingPart', 'waitingPartError'],
];

/** A saved study as a file for others: JSON with everything, or a CSV line for each guest of each alternative. */
export function exportStudy(study: KeptStudy, format: StudyExportFormat): Iterable<string> {
  return format === 'json' ? [`${json(study)}\n`] : csvLines(HEADER, rowsOf(study));
}

function json({ study, order, result }: KeptStudy): string {
  const exported = { format: 'tmem-console study 1', study, order, result };
  return JSON.stringify(exported, (_, value: unknown) => (value instanceof Float64Array ? [...value] : value), 2);
}

function* rowsOf({ study, result }: KeptStudy): Generator<readonly CsvValue[]> {
  for (const outcome of result.alternatives) {
    const { name, engine, guests } = outcome;
    const about = [study.name, name, engine] as const;
    for (const guest of guests) {
      yield [
        ...[...about, guest.name, result.horizonMs, guest.accesses, guest.cacheHits, guest.precacheHits],
        ...[guest.diskReads, guest.error, guest.meanEphemeralPages, guest.meanRamPages, guest.evictedBySelf],
        ...[guest.evictedByOthers, guest.evictionsCaused, null, null, guest.waitingPart, guest.waitingError],
      ];
    }
    yield hostRow(about, result.horizonMs, outcome);
  }
}

/** The sums of an alternative, under the name "all guests". */
function hostRow(about: readonly CsvValue[], horizonMs: number, { host }: AlternativeOutcome): readonly CsvValue[] {
  return [
    ...[...about, 'all guests', horizonMs, host.accesses, host.cacheHits, host.precacheHits, host.diskReads],
    ...[host.error, host.meanEphemeralPages, null, null, null, null, host.evictions, host.meanFallowPages, null, null],
  ];
}
