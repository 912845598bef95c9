import * as v from 'valibot';
import { ConsoleError } from '#contract/errors.ts';
import type { RequestAnswer, RequestArgument } from '#contract/requests.ts';
import type { SavedStudy } from '#contract/saved-studies.ts';
import { StudyOrderSchema } from '#contract/studies.ts';
import type { Connection } from '../connection.ts';
import { decodeStudyResult } from './study-codec.ts';
import { noStudy } from './study-log.ts';

const COLUMNS = 'id, name, savedAtMs, kind, runId, fromMs, horizonMs, appliedAlternative, appliedActionId';

interface StudyRow extends Omit<SavedStudy, 'applied'> {
  readonly appliedAlternative: string | null;
  readonly appliedActionId: number | null;
}

function studyOf({ appliedAlternative, appliedActionId, ...row }: StudyRow): SavedStudy {
  const applied =
    appliedAlternative === null || appliedActionId === null
      ? null
      : { alternative: appliedAlternative, actionId: appliedActionId };
  return { ...row, applied };
}

/** `history.studies`: all saved studies, the newest first. */
export function studiesQuery(connection: Connection): () => RequestAnswer<'history.studies'> {
  const all = connection.prepare(`SELECT ${COLUMNS} FROM studies ORDER BY id DESC`);
  return () => ({ studies: (all.all() as StudyRow[]).map(studyOf) });
}

/** `history.study`: one with its order and its numbers. */
export function studyQuery(
  connection: Connection,
): (argument: RequestArgument<'history.study'>) => RequestAnswer<'history.study'> {
  const one = connection.prepare(`SELECT ${COLUMNS}, asked, found FROM studies WHERE id = ?`);
  return ({ id }) => {
    const row = one.get(id) as (StudyRow & { readonly asked: string; readonly found: Uint8Array }) | undefined;
    if (row === undefined) throw noStudy(id);
    const { asked, found, ...study } = row;
    return {
      study: studyOf(study),
      order: v.parse(StudyOrderSchema, JSON.parse(asked)),
      result: decodeStudyResult(found),
    };
  };
}

const MS_PER_S = 1_000;

interface SampleSums {
  readonly guestId: number;
  readonly seconds: number;
  readonly accesses: number;
  readonly precacheHits: number;
  readonly diskReads: number;
}

/** `history.forecastOutcome`: the numbers of a forecast beside those of the stored samples of the same time. */
export function forecastOutcomeQuery(
  connection: Connection,
): (argument: RequestArgument<'history.forecastOutcome'>) => RequestAnswer<'history.forecastOutcome'> {
  const read = studyQuery(connection);
  const sums = connection.prepare(
    `SELECT guestId, count(*) AS seconds, sum(accesses) AS accesses, sum(precacheHits) AS precacheHits,
       sum(diskReads) AS diskReads
     FROM guestSamples WHERE runId = ? AND second >= ? AND second < ? GROUP BY guestId`,
  );
  const recorded = connection.prepare('SELECT seconds FROM runs WHERE id = ?').pluck();
  const others = connection
    .prepare(
      `SELECT count(*) FROM actions WHERE runId = :runId AND hostMs >= :fromMs AND hostMs < :toMs
       AND coalesce(json_extract(content, '$.set'), id) IS NOT :setId`,
    )
    .pluck();
  return ({ id }) => {
    const { study, order, result } = read({ id });
    const { runId, fromMs, horizonMs, applied } = study;
    if (study.kind === 'replay') {
      throw new ConsoleError(
        'bad-study',
        `"${study.name}" is a replay: what happened was known when it was made.`,
        'Compare its alternative without changes instead.',
      );
    }
    const place = order.alternatives.findIndex(({ name, changes }) =>
      applied === null ? changes.length === 0 : name === applied.alternative,
    );
    const outcome = result.alternatives[place];
    if (outcome === undefined) {
      throw new ConsoleError(
        'bad-study',
        `"${study.name}" was not applied, and has no alternative without changes to compare with.`,
        'Apply one of its alternatives, or study the host as it is too.',
      );
    }
    // Whole seconds within the horizon, as far as the record goes.
    const fromS = Math.ceil(fromMs / MS_PER_S);
    const toS = Math.floor((fromMs + horizonMs) / MS_PER_S);
    const endS = Math.min(toS, recorded.get(runId) as number);
    const rows = sums.all(runId, fromS, Math.max(fromS, endS)) as SampleSums[];
    const { overTime, guests } = outcome;
    return {
      alternative: outcome.name,
      horizonS: horizonMs / MS_PER_S,
      recordedS: Math.max(0, ...rows.map(({ seconds }) => seconds)),
      isOver: endS >= toS,
      otherActions: others.get({
        runId,
        fromMs,
        toMs: fromMs + horizonMs,
        setId: applied?.actionId ?? null,
      }) as number,
      guests: guests.map(({ guestId, name, accesses, precacheHits, diskReads, error, doubtReads = 0 }, guest) => {
        const row = rows.find((sample) => sample.guestId === guestId);
        return {
          guestId,
          name,
          forecast: { accesses, precacheHits, diskReads, error, doubtReads },
          forecastSoFar:
            overTime === null
              ? null
              : readsBetween(
                  overTime.diskReads,
                  guests.length,
                  guest,
                  fromS - overTime.firstSecond,
                  endS - overTime.firstSecond,
                ),
          actual:
            row === undefined
              ? null
              : { accesses: row.accesses, precacheHits: row.precacheHits, diskReads: row.diskReads },
        };
      }),
    };
  };
}

/** Sum of a guest's column of rows [from, to) of a table with the guests side by side. */
function readsBetween(reads: Float64Array, guests: number, guest: number, from: number, to: number): number {
  let sum = 0;
  for (let row = Math.max(0, from); row < to; row++) sum += reads[row * guests + guest] ?? 0;
  return sum;
}
