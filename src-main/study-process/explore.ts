import type { Exploration, HeatMap, Knob, KnobValues, StudyChange } from '#contract/studies.ts';
import type { CurveAnswer, CurveStudy } from '../what-if/curves.ts';
import type { PreparedStudy } from '../what-if/prepared-study.ts';
import type { Setting } from '../what-if/changes.ts';
import { Slices } from '../what-if/slices.ts';
import { StudyError } from '../what-if/study-error.ts';

/** Sizes at which a miss-ratio curve is told. */
const CURVE_POINTS = 240;
/** A weight is tried from an eighth to eight times today's, in steps of the square root of two. */
const WEIGHT_STEPS = 12;
/** Other knobs are tried at this many values. */
const KNOB_VALUES = 17;
/** More guests than this: only weights, so that the answer stays quick and small. */
const ALL_KNOBS_GUESTS = 16;
const WEIGHT_MAX = 65_535;

/** What the curves of a study say beside its alternatives: the curves themselves, and each knob by itself. */
export function explore(study: PreparedStudy, curves: CurveStudy): Exploration {
  const today = study.settingOf({ name: 'as it is', changes: [] }).setting;
  const answer = curves.newAnswer();
  curves.answer(today, answer);
  const shares = answer.shares.slice();
  return {
    curves: study.parts.guests.flatMap((guest, place) => {
      const curve = curves.curves[place];
      if (!guest.present || curve === undefined) return [];
      const depth = Math.max(guest.ramPages, guest.distinctPages) * 1.05;
      const pages = Float64Array.from({ length: CURVE_POINTS }, (_, at) => (depth * at) / (CURVE_POINTS - 1));
      return [
        {
          guestId: guest.id,
          accesses: curve.accesses,
          pages,
          misses: pages.map((size) => curve.misses(size)),
          ramPages: guest.ramPages,
          sharePages: shares[place] ?? 0,
        },
      ];
    }),
    sensitivities: knobsOf(study, today).flatMap((knob) => {
      const values = valuesOf(study, today, knob);
      if (values.length < 2) return [];
      const { diskReads } = readsOver(study, curves, [{ knob, values }]);
      return [{ knob, today: todayOf(study, today, knob), values, diskReads }];
    }),
  };
}

/** Disk reads of all guests over two knobs at once. @throws StudyError `cancelled` */
export async function heatMapOf(
  study: PreparedStudy,
  curves: CurveStudy,
  { across, down }: { readonly across: KnobValues; readonly down: KnobValues },
  slices = new Slices(),
): Promise<HeatMap> {
  const diskReads = new Float64Array(down.values.length * across.values.length);
  const width = across.values.length;
  for (const [row, value] of down.values.entries()) {
    const found = readsOver(study, curves, [{ knob: down.knob, values: [value] }, across]);
    const guests = study.parts.guests.length;
    for (let at = 0; at < width; at++) {
      for (let guest = 0; guest < guests; guest++) {
        diskReads[row * width + at] = (diskReads[row * width + at] ?? 0) + (found.diskReads[at * guests + guest] ?? 0);
      }
    }
    if (slices.isDue()) await slices.turn((row + 1) / down.values.length);
  }
  const accesses = curves.curves.reduce((sum, curve) => sum + curve.accesses, 0);
  return { across, down, diskReads, accesses };
}

/**
 * Disk reads of each guest under every combination of the values, the last knob's changing fastest. What the host would
 * refuse is NaN.
 */
function readsOver(
  study: PreparedStudy,
  curves: CurveStudy,
  axes: readonly KnobValues[],
): { readonly diskReads: Float64Array<ArrayBuffer> } {
  const guests = study.parts.guests.length;
  const answers = axes.reduce((product, { values }) => product * values.length, 1);
  const diskReads = new Float64Array(answers * guests);
  const answer = curves.newAnswer();
  for (let at = 0; at < answers; at++) {
    let rest = at;
    const changes: StudyChange[] = [];
    for (const { knob, values } of [...axes].reverse()) {
      changes.unshift(changeOf(knob, values[rest % values.length] ?? 0));
      rest = Math.floor(rest / values.length);
    }
    diskReads.set(missesUnder(study, curves, changes, answer) ?? new Float64Array(guests).fill(NaN), at * guests);
  }
  return { diskReads };
}

function missesUnder(
  study: PreparedStudy,
  curves: CurveStudy,
  changes: readonly StudyChange[],
  answer: CurveAnswer,
): Float64Array | null {
  try {
    curves.answer(study.settingOf({ name: 'tried', changes }).setting, answer);
    return answer.misses;
  } catch (error) {
    if (error instanceof StudyError && error.code === 'bad-study') return null;
    throw error;
  }
}

function knobsOf(study: PreparedStudy, today: Setting): Knob[] {
  const present = study.parts.guests.filter((_, place) => today.removed[place] !== true);
  const guestKnobs: Knob[] = present.map(({ id }) => ({ kind: 'weight', guestId: id }));
  if (present.length <= ALL_KNOBS_GUESTS) {
    for (const { id } of present) guestKnobs.push({ kind: 'balloon-target', guestId: id });
  }
  return [...guestKnobs, { kind: 'idle-tax' }, { kind: 'host-size' }];
}

function todayOf(study: PreparedStudy, today: Setting, knob: Knob): number {
  const place = 'guestId' in knob ? study.parts.guests.findIndex(({ id }) => id === knob.guestId) : -1;
  switch (knob.kind) {
    case 'weight':
      return today.weights[place] ?? 0;
    case 'balloon-target':
      return today.targetPages[place] ?? 0;
    case 'idle-tax':
      return today.idleTaxPermille;
    case 'pool-limit':
      return today.ephemeralLimit;
    case 'host-size':
      return today.totalPages;
  }
}

/** The values that a knob is tried at, rising, today's among them. */
function valuesOf(study: PreparedStudy, today: Setting, knob: Knob): number[] {
  const now = todayOf(study, today, knob);
  const values = new Set([now]);
  if (knob.kind === 'weight') {
    const middle = Math.max(1, now);
    for (let step = -WEIGHT_STEPS / 2; step <= WEIGHT_STEPS / 2; step++) {
      values.add(Math.min(WEIGHT_MAX, Math.max(1, Math.round(middle * 2 ** (step / 2)))));
    }
  } else {
    const [least, most] = rangeOf(study, today, knob);
    for (let at = 0; at < KNOB_VALUES; at++) {
      values.add(Math.round(least + ((most - least) * at) / (KNOB_VALUES - 1)));
    }
  }
  return [...values].sort((a, b) => a - b);
}

function rangeOf(study: PreparedStudy, today: Setting, knob: Exclude<Knob, { kind: 'weight' }>): [number, number] {
  const { config, parts } = study;
  switch (knob.kind) {
    case 'balloon-target': {
      const guest = config.guests.find(({ id }) => id === knob.guestId);
      return [guest?.minPages ?? 0, guest?.maxPages ?? 0];
    }
    case 'idle-tax':
      return [0, 950];
    case 'pool-limit':
      return [0, today.totalPages];
    case 'host-size': {
      const taken = parts.guests.reduce((sum, { ramPages }, place) => sum + (today.removed[place] ? 0 : ramPages), 0);
      const least = config.reservedPages + taken + parts.store.persistentPages;
      return [least, Math.max(least, Math.round(today.totalPages * 1.5))];
    }
  }
}

function changeOf(knob: Knob, value: number): StudyChange {
  switch (knob.kind) {
    case 'weight':
      return { kind: 'weight', guestId: knob.guestId, value };
    case 'balloon-target':
      return { kind: 'balloon-target', guestId: knob.guestId, pages: value };
    case 'idle-tax':
      return { kind: 'idle-tax', permille: value };
    case 'pool-limit':
      return { kind: 'pool-limit', pages: value };
    case 'host-size':
      return { kind: 'host-size', pages: value };
  }
}
