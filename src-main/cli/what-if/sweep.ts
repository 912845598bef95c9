import { ConsoleError } from '#contract/errors.ts';
import type { StudyChange } from '#main/what-if/study.ts';
import { type NamedGuest, parseAlternatives } from './alternatives.ts';

/** Values of a knob unless it is told how many. */
const VALUES = 16;
/** Most values of one knob. */
const VALUES_MAX = 64;

/** One knob at several values. */
export interface Sweep {
  /** The knob as it was written: `db.weight`. */
  readonly knob: string;
  readonly values: readonly { readonly text: string; readonly changes: readonly StudyChange[] }[];
}

export const SWEEP_HELP = `Sweeps are written SETTING=FROM..TO or SETTING=FROM..TO:COUNT, with the settings of alternatives: db.weight=50..800,
poolLimit=8MiB..48MiB:12. Weights rise by equal factors, everything else by equal steps. One sweep tells the disk reads of every
guest at each value, two tell those of the host at each pair (a heat map). auto is the engine curves here.`;

/** @throws ConsoleError `bad-argument` with the place of the first mistake */
export function parseSweep(text: string, place: number, guests: readonly NamedGuest[]): Sweep {
  const here = `--sweep ${place}`;
  const found =
    /^\s*([\w.-]+)\s*=\s*(\d*\.?\d+)\s*([A-Za-z]*)\s*\.\.\s*(\d*\.?\d+)\s*([A-Za-z]*)\s*(?::\s*(\d+))?\s*$/.exec(text);
  const [, knob, from, unit, to, lastUnit, count] = found ?? [];
  if (knob === undefined || from === undefined || to === undefined) {
    throw wrong(`${here}: "${text}" is no SETTING=FROM..TO.`, 'Write it like db.weight=50..800.');
  }
  if (unit !== '' && unit !== lastUnit) {
    throw wrong(
      `${here}: "${text}" has two units.`,
      `Write both ends in ${lastUnit === '' ? (unit ?? '') : (lastUnit ?? '')}.`,
    );
  }
  const values = count === undefined ? VALUES : Number(count);
  if (values < 2 || values > VALUES_MAX) {
    throw wrong(`${here}: ${values} values are not from 2 to ${VALUES_MAX}.`, 'Give a number in between.');
  }
  const numbers = spread(Number(from), Number(to), values, knob.endsWith('.weight'));
  return {
    knob,
    values: numbers.map((number) => {
      const value = `${number}${lastUnit ?? ''}`;
      const [alternative] = parseAlternatives([`${here}: ${knob}=${value}`], guests);
      return { text: value, changes: alternative?.changes ?? [] };
    }),
  };
}

/** Numbers from one to another, each once: weights whole and by equal factors, others to four digits and by equal steps. */
function spread(from: number, to: number, count: number, isWeight: boolean): number[] {
  const at = (part: number): number => {
    if (!isWeight) return Number((from + (to - from) * part).toPrecision(4));
    const least = Math.max(1, from);
    return Math.round(part === 0 ? from : least * (Math.max(1, to) / least) ** part);
  };
  return [...new Set(Array.from({ length: count }, (_, step) => at(step / (count - 1))))];
}

function wrong(message: string, remedy: string): ConsoleError {
  return new ConsoleError('bad-argument', message, remedy);
}
