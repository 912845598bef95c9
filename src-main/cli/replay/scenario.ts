import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import * as v from 'valibot';
import { ConsoleError } from '#contract/errors.ts';
import { POLICY_NAMES } from '#main/host/tmem/policies/index.ts';

const MAX_PAGES = 2 ** 40;
const MAX_WEIGHT = 65_535;
const MAX_GUESTS = 65_536;

const wholeUpTo = (limit: number) => {
  const message = `must be a whole number from 0 to ${limit.toLocaleString('en')}`;
  return v.pipe(v.number(message), v.integer(message), v.minValue(0, message), v.maxValue(limit, message));
};
const text = v.pipe(v.string('must be a text'), v.nonEmpty('must not be empty'));
const tax = 'must be a number from 0 to 0.999 with at most three decimal places';

const ScenarioSchema = v.strictObject(
  {
    guests: v.pipe(
      v.array(
        v.strictObject({ name: text, trace: text, ramPages: wholeUpTo(MAX_PAGES), weight: wholeUpTo(MAX_WEIGHT) }),
        'must be a list of guests',
      ),
      v.minLength(1, 'must have at least one guest'),
      v.maxLength(MAX_GUESTS, `must have at most ${MAX_GUESTS.toLocaleString('en')} guests`),
    ),
    poolPages: wholeUpTo(MAX_PAGES),
    policy: v.picklist(POLICY_NAMES, `must be one of ${POLICY_NAMES.join(', ')}`),
    idleTax: v.optional(
      v.pipe(
        v.number(tax),
        v.minValue(0, tax),
        v.maxValue(0.999, tax),
        v.check((value) => Math.abs(value * 1000 - Math.round(value * 1000)) < 1e-9, tax),
      ),
      0,
    ),
    interleave: v.picklist(['time', 'round-robin'], 'must be "time" or "round-robin"'),
  },
  'must be an object',
);

/** A scenario for the pool to be replayed with. Trace paths are absolute. */
export type ReplayScenario = v.InferOutput<typeof ScenarioSchema>;

/**
 * Reads a scenario file; trace paths in it are relative to it.
 * @throws ConsoleError `bad-scenario` with the path of the field that is wrong.
 */
export async function readScenario(file: string): Promise<ReplayScenario> {
  const source = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new ConsoleError('bad-scenario', `The scenario ${file} cannot be read (${messageOf(error)}).`);
  });
  let json: unknown;
  try {
    json = JSON.parse(source.replace(/^\uFEFF/, ''));
  } catch (error) {
    throw new ConsoleError('bad-scenario', `The scenario ${file} is no JSON: ${messageOf(error)}.`);
  }
  if (Array.isArray(json)) throw badScenario(file, 'the whole file must be an object (it is a list)');
  const result = v.safeParse(ScenarioSchema, json, { abortEarly: true });
  if (!result.success) throw wrongField(file, result.issues[0]);
  const folder = dirname(resolve(file));
  const guests = result.output.guests.map((guest) => ({ ...guest, trace: resolve(folder, guest.trace) }));
  return { ...result.output, guests };
}

function wrongField(file: string, issue: v.BaseIssue<unknown>): ConsoleError {
  const keys = (issue.path ?? []).map(({ key }) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`));
  const place = keys.join('').replace(/^\./, '') || 'the whole file';
  return badScenario(file, `${place} ${problemOf(issue)}`);
}

function problemOf({ received, expected, message, input }: v.BaseIssue<unknown>): string {
  // A strict object reports a field that it does not know with "never" as what it expected.
  if (expected === 'never') return 'is no field of a replay scenario';
  return received === 'undefined' ? 'is missing' : `${message} (it is ${shown(input)})`;
}

function badScenario(file: string, problem: string): ConsoleError {
  return new ConsoleError(
    'bad-scenario',
    `The scenario ${file}: ${problem}.`,
    'The fields are guests[{name, trace, ramPages, weight}], poolPages, policy, idleTax (optional) and interleave.',
  );
}

function shown(value: unknown): string {
  const json = JSON.stringify(value) as string | undefined;
  return json === undefined ? 'nothing' : json.length > 60 ? `${json.slice(0, 60)}…` : json;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
