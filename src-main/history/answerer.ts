import * as v from 'valibot';
import { ConsoleError } from '#contract/errors.ts';
import type { Reply, RequestName } from '#contract/requests.ts';
import { REQUESTS } from '#contract/requests.ts';
import type { Connection } from './connection.ts';
import { historyError } from './connection.ts';
import { openHistory } from './open-history.ts';
import type { HistoryQueries, HistoryRequest } from './queries/index.ts';
import { historyQueries } from './queries/index.ts';

export interface AnsweredRequest {
  readonly reply: Reply;
  /** Buffers of the answer, to be moved instead of copied. */
  readonly transfer: readonly ArrayBuffer[];
}

/** Answers `history.*` requests out of a database that it opens, read-only, with the first of them. */
export class HistoryAnswerer {
  private readonly file: string;
  private connection: Connection | undefined;
  private queries: HistoryQueries | undefined;

  constructor(file: string) {
    this.file = file;
  }

  /** Never throws: what goes wrong is a reply with its sentence. */
  answer(name: RequestName, argument: unknown): AnsweredRequest {
    try {
      const answer = this.run(name, argument);
      return { reply: { ok: true, answer }, transfer: buffersOf(answer) };
    } catch (error) {
      return { reply: { ok: false, failure: historyError(error, this.file).toFailure() }, transfer: [] };
    }
  }

  close(): void {
    this.connection?.close();
    this.connection = undefined;
    this.queries = undefined;
  }

  private run(name: RequestName, argument: unknown): unknown {
    if (!isHistoryRequest(name)) throw new ConsoleError('bad-request', `The history does not answer ${name}.`);
    const read = v.safeParse(REQUESTS[name].argument, argument);
    if (!read.success) {
      const issue = read.issues[0];
      const place = v.getDotPath(issue);
      throw new ConsoleError('bad-request', `${name}: ${place === null ? '' : `${place}: `}${issue.message}`);
    }
    this.connection ??= openHistory(this.file);
    this.queries ??= historyQueries(this.connection);
    // The argument has just passed the schema of this very request.
    const query = this.queries[name] as (argument: unknown) => unknown;
    return query(read.output);
  }
}

function isHistoryRequest(name: RequestName): name is HistoryRequest {
  return name.startsWith('history.');
}

/** The buffers of all typed arrays in an answer. */
function buffersOf(value: unknown): ArrayBuffer[] {
  if (value instanceof Float64Array) return value.buffer instanceof ArrayBuffer ? [value.buffer] : [];
  if (Array.isArray(value)) return value.flatMap(buffersOf);
  if (typeof value === 'object' && value !== null) return Object.values(value).flatMap(buffersOf);
  return [];
}
