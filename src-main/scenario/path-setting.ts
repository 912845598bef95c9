import { ConsoleError } from '#contract/errors.ts';

/** One place of a scenario file and what to put there instead. */
export interface PathSetting {
  /** As it was written, for people. */
  readonly text: string;
  readonly path: readonly string[];
  readonly value: unknown;
}

/**
 * Reads `PATH=VALUE`. The path goes by the names of fields, a guest by its name or its place: `guests.web.weight`,
 * `guests.0.weight`, `policy`. The value is JSON; what is none is a text.
 * @throws ConsoleError `bad-argument`
 */
export function parsePathSetting(text: string): PathSetting {
  const equals = text.indexOf('=');
  const path = text.slice(0, Math.max(0, equals)).trim().split('.');
  if (path.some((part) => !/^[\w-]+$/.test(part) || part === '__proto__')) {
    throw new ConsoleError(
      'bad-argument',
      `"${text}" is no PATH=VALUE.`,
      'Write it like guests.web.weight=300 or policy=fifo.',
    );
  }
  const value = text.slice(equals + 1).trim();
  try {
    return { text, path, value: JSON.parse(value) as unknown };
  } catch {
    return { text, path, value };
  }
}

/** A setting of a file: its path as {@link parsePathSetting} has it, and its value. @throws ConsoleError `bad-argument` */
export function pathSetting(path: string, value: unknown): PathSetting {
  return { ...parsePathSetting(`${path}=null`), text: path, value };
}

/**
 * Puts a value into a scenario's JSON, in place. Objects on the way that are not there are made; whether the result is a
 * scenario is for its schema to say.
 * @throws ConsoleError `bad-argument` where the path leads through a value that has no fields, or to a guest that is not there
 */
export function setPath(json: unknown, { text, path, value }: PathSetting): void {
  let place = json;
  path.forEach((part, depth) => {
    const key = keyOf(place, part, path.slice(0, depth).join('.'), text);
    const fields = place as Record<string, unknown>;
    if (depth === path.length - 1) fields[key] = value;
    else place = fields[key] ??= {};
  });
}

/** The key of a part of the path in the object or list that the path has come to. */
function keyOf(place: unknown, part: string, before: string, text: string): string {
  if (Array.isArray(place)) {
    const list = place as readonly unknown[];
    const names = list.map((item, index) => nameOf(item) ?? String(index));
    const named = names.indexOf(part);
    const at = named >= 0 ? named : /^\d+$/.test(part) ? Number(part) : -1;
    if (at >= 0 && at < list.length) return String(at);
    throw new ConsoleError(
      'bad-argument',
      `${text}: there is no ${part} in ${before}.`,
      `There is ${names.join(', ')}.`,
    );
  }
  if (typeof place === 'object' && place !== null) return part;
  throw new ConsoleError(
    'bad-argument',
    `${text}: ${before} has no fields.`,
    'Name the path by the fields of the scenario file, as in guests.web.weight=300.',
  );
}

/** The name of an item of a list, if it has one. */
function nameOf(item: unknown): string | null {
  if (typeof item !== 'object' || item === null || !('name' in item)) return null;
  return typeof item.name === 'string' ? item.name : null;
}
