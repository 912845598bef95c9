import type { RequestAnswer, RequestArgument, RequestName } from '#contract/requests.ts';
import { wrongsOf } from '../backup/copy.ts';
import type { Connection } from '../connection.ts';
import { auditQuery, restorationsQuery, verifyAuditQuery } from './audit.ts';
import { eventsQuery } from './events.ts';
import { evictionSummaryQuery } from './eviction-summary.ts';
import { evictionSamplesQuery, evictionsQuery } from './evictions.ts';
import { poolsQuery } from './pools.ts';
import { runsQuery } from './runs.ts';
import { seriesQuery } from './series.ts';
import { forecastOutcomeQuery, studiesQuery, studyQuery } from '../studies/study-queries.ts';

/** The requests that the history answers. */
export type HistoryRequest = Extract<RequestName, `history.${string}`>;

/** One function for each request; an argument has passed its schema. */
export type HistoryQueries = { [N in HistoryRequest]: (argument: RequestArgument<N>) => RequestAnswer<N> };

/** All queries over one read-only connection, each as one consistent look at the database. */
export function historyQueries(connection: Connection): HistoryQueries {
  const consistent =
    <A, R>(query: (argument: A) => R) =>
    (argument: A): R =>
      connection.transaction(() => query(argument)).deferred();
  return {
    'history.runs': consistent(runsQuery(connection)),
    'history.series': consistent(seriesQuery(connection)),
    'history.evictions': consistent(evictionsQuery(connection)),
    'history.evictionSamples': consistent(evictionSamplesQuery(connection)),
    'history.pools': consistent(poolsQuery(connection)),
    'history.evictionSummary': consistent(evictionSummaryQuery(connection)),
    'history.check': () => ({ problems: wrongsOf(connection, 'quick_check') }),
    'history.events': consistent(eventsQuery(connection)),
    'history.audit': consistent(auditQuery(connection)),
    'history.restorations': consistent(restorationsQuery(connection)),
    'history.verifyAudit': consistent(verifyAuditQuery(connection)),
    'history.studies': consistent(studiesQuery(connection)),
    'history.study': consistent(studyQuery(connection)),
    'history.forecastOutcome': consistent(forecastOutcomeQuery(connection)),
  };
}
