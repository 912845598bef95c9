import { isForFullRuns } from '#main/what-if/changes.ts';
import { PreparedStudy } from '#main/what-if/prepared-study.ts';
import { runStudy } from '#main/what-if/run-study.ts';
import { Slices } from '#main/what-if/slices.ts';
import {
  ALTERNATIVES_MAX,
  type Alternative,
  type AlternativeOutcome,
  type Engine,
  type StudyOptions,
  type StudyStart,
} from '#main/what-if/study.ts';
import type { Sweep } from './sweep.ts';
import { table } from './tables.ts';

/** What a sweep is of. */
export interface SweptHost {
  readonly start: StudyStart;
  readonly horizonMs: number;
  readonly engine: Engine | 'auto';
}

/** One outcome for each value, or for each pair of values, those of the second sweep following each other. */
export async function runSweeps(
  { start, horizonMs, engine }: SweptHost,
  [first, second]: readonly Sweep[],
  options: StudyOptions,
): Promise<AlternativeOutcome[]> {
  const alternatives: Alternative[] = (first?.values ?? []).flatMap((one) =>
    (second?.values ?? [{ text: '', changes: [] }]).map((other) => ({
      name: other.text === '' ? one.text : `${one.text} × ${other.text}`,
      changes: [...one.changes, ...other.changes],
    })),
  );
  const study = new PreparedStudy(start, horizonMs);
  const settings = alternatives.map((alternative) => study.settingOf(alternative));
  const isCurved = !settings.some(({ setting }) => isForFullRuns(setting));
  if (isCurved && (engine === 'curves' || (engine === 'auto' && study.parts.isEstimable))) {
    const curves = await study.curves(new Slices(options));
    return settings.map((named) => curves.outcome(named));
  }
  const outcomes: AlternativeOutcome[] = [];
  for (let from = 0; from < alternatives.length; from += ALTERNATIVES_MAX) {
    const asked = alternatives.slice(from, from + ALTERNATIVES_MAX);
    const onProgress = (done: number): void => options.onProgress?.((from + done * asked.length) / alternatives.length);
    const part = await runStudy({ start, horizonMs, alternatives: asked, engine }, { ...options, onProgress });
    outcomes.push(...part.alternatives);
  }
  return outcomes;
}

/** For a person: disk reads per access of each guest by value, or of the host by pair of values. */
export function sweepTable([first, second]: readonly Sweep[], outcomes: readonly AlternativeOutcome[]): string {
  const [any] = outcomes;
  if (first === undefined || any === undefined) return '';
  const isExact = outcomes.every(({ host }) => host.error === 0);
  const title = `Disk reads per 100 accesses (${any.engine}, ${isExact ? 'exact' : 'estimate'})`;
  if (second === undefined) {
    const header = [first.knob, ...any.guests.map(({ name }) => name), 'host'];
    const rows = outcomes.map(({ guests, host }, at) => [first.values[at]?.text ?? '', ...[...guests, host].map(cell)]);
    return `${title}\n${table([header, ...rows])}\n`;
  }
  const header = [`${first.knob} ↓ ${second.knob} →`, ...second.values.map(({ text }) => text)];
  const rows = first.values.map(({ text }, row) => [
    text,
    ...second.values.map((_, column) => {
      const outcome = outcomes[row * second.values.length + column];
      return outcome === undefined ? '' : cell(outcome.host);
    }),
  ]);
  return `${title}, of all guests\n${table([header, ...rows])}\n`;
}

function cell({ accesses, diskReads, error }: Reads): string {
  if (accesses === 0) return '–';
  const reads = ((100 * diskReads) / accesses).toFixed(2);
  return error * 100 < 0.005 ? reads : `${reads} ± ${(100 * error).toFixed(2)}`;
}

interface Reads {
  readonly accesses: number;
  readonly diskReads: number;
  readonly error: number;
}
