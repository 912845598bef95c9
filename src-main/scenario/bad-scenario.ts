import type * as v from 'valibot';
import { ConsoleError } from '#contract/errors.ts';

/** A scenario was refused: the file, what is wrong with it as a whole sentence without its full stop, and the remedy. */
export function badScenario(file: string, problem: string, remedy = 'Correct this place in the file.'): ConsoleError {
  return new ConsoleError('bad-scenario', `The scenario file ${file} does not fit: ${problem}.`, remedy);
}

/** Thrown with what is wrong with an event, beginning with its JSON path. */
export class EventProblem extends Error {}

/**
 * What a schema found, as a sentence with the JSON path of the place. Messages that begin with "must" or "is" are about the
 * value there; the others are whole sentences.
 */
export function problemOf(issue: v.BaseIssue<unknown>): string {
  const inner = innermost(issue, []);
  const place = inner.path.length === 0 ? 'the whole file' : inner.path.join('.');
  const { expected, received, message, input } = inner.issue;
  // A strict object reports a field that it does not know with "never" as what it expected.
  if (expected === 'never') return `${place} is no field of a scenario`;
  if (received === 'undefined') return `${place} is missing`;
  if (/^(must|is) /.test(message)) return `${place} ${message} (it is ${shown(input)})`;
  return `${place}: ${message.replace(/\.$/, '')}`;
}

interface Found {
  readonly issue: v.BaseIssue<unknown>;
  readonly path: readonly string[];
}

/** Of a union, the issue of the alternative that went furthest; else the issue itself. */
function innermost(issue: v.BaseIssue<unknown>, before: readonly string[]): Found {
  const path = [...before, ...(issue.path ?? []).map(({ key }) => String(key))];
  const inside = (issue.type === 'union' ? (issue.issues ?? []) : []).map((one) => innermost(one, path));
  return inside.reduce<Found>((best, one) => (one.path.length > best.path.length ? one : best), { issue, path });
}

function shown(value: unknown): string {
  const json = JSON.stringify(value) as string | undefined;
  return json === undefined ? 'nothing' : json.length > 60 ? `${json.slice(0, 60)}…` : json;
}
