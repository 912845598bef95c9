import * as v from 'valibot';
import { ConsoleError } from '#contract/errors.ts';
import type { Failure } from '#contract/errors.ts';
import { EnvelopeSchema, REQUESTS } from '#contract/requests.ts';
import type { Reply, RequestAnswer, RequestArgument, RequestName } from '#contract/requests.ts';

/** One function per request of the treaty; each gets an argument that its schema has read. */
export type Handlers = {
  readonly [N in RequestName]: (argument: RequestArgument<N>) => RequestAnswer<N> | Promise<RequestAnswer<N>>;
};

type ResponderOptions = {
  /** Reads each answer with its schema too before it leaves (development and tests: the window does it anyway). */
  checkAnswers: boolean;
  /** Told what went wrong on our own side. */
  onInternalError: (name: string, thrown: unknown) => void;
};

/** Most characters of what a schema says about a message; it repeats the message's own text. */
const ISSUE_MAX = 300;
/** Most characters of a sentence that crosses the border (`FailureSchema`). */
const SENTENCE_MAX = 2_000;

/**
 * The only door for requests: checks who asks and what is asked, calls the handler, and makes a reply of whatever comes.
 * It never rejects, and no handler sees anything that its schema has not read.
 */
export function createResponder(
  handlers: Handlers,
  { checkAnswers, onInternalError }: ResponderOptions,
): (isOwnSender: boolean, message: unknown) => Promise<Reply> {
  async function respond<N extends RequestName>(name: N, argument: unknown): Promise<RequestAnswer<N>> {
    const read = v.safeParse(REQUESTS[name].argument, argument);
    if (!read.success) throw badRequest(`The argument of ${name} does not fit`, read.issues[0]);
    const answer = await handlers[name](read.output);
    if (checkAnswers) {
      const checked = v.safeParse(REQUESTS[name].answer, answer);
      if (!checked.success) {
        throw new ConsoleError('internal', sentence(`The answer to ${name} does not fit`, checked.issues[0]));
      }
    }
    return answer;
  }
  return async (isOwnSender, message) => {
    let name = 'a message';
    try {
      if (!isOwnSender) throw new ConsoleError('bad-sender', 'This request did not come from the console.');
      const envelope = v.safeParse(EnvelopeSchema, message);
      if (!envelope.success) throw badRequest('The request does not fit', envelope.issues[0]);
      name = envelope.output.name;
      return { ok: true, answer: await respond(envelope.output.name, envelope.output.argument) };
    } catch (thrown) {
      const failure = failureOf(thrown);
      if (failure.code === 'internal') onInternalError(name, thrown);
      return { ok: false, failure };
    }
  };
}

/** What was thrown, short enough for its schema, whatever it is. */
function failureOf(thrown: unknown): Failure {
  try {
    const failure = ConsoleError.failureOf(thrown);
    const cut = (text: string): string => text.slice(0, SENTENCE_MAX);
    return failure.remedy === undefined
      ? { code: failure.code, message: cut(failure.message) || 'Unknown error.' }
      : { code: failure.code, message: cut(failure.message) || 'Unknown error.', remedy: cut(failure.remedy) };
  } catch {
    // An object without a way to become a string.
    return { code: 'internal', message: 'Unknown error.' };
  }
}

function badRequest(beginning: string, issue: v.BaseIssue<unknown>): ConsoleError {
  return new ConsoleError('bad-request', sentence(beginning, issue));
}

function sentence(beginning: string, issue: v.BaseIssue<unknown>): string {
  const place = v.getDotPath(issue);
  const what = issue.message.length > ISSUE_MAX ? `${issue.message.slice(0, ISSUE_MAX)}…` : issue.message;
  return place === null ? `${beginning}: ${what}` : `${beginning} at ${place.slice(0, ISSUE_MAX)}: ${what}`;
}
