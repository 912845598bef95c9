import { NO_COSTS } from '../host/costs.ts';
import { type HostConfig, isOpenLoop } from '../host/host-config.ts';
import type { StudyKind } from '../what-if/study.ts';

const MS_PER_S = 1_000;
/** References of a first look: some tenths of a second of work. A forecast runs the host through them, a replay only measures them. */
const LOOK_REFERENCES = { replay: 1_500_000, forecast: 600_000 } as const;
/** References that are prepared before anybody asks. */
const PREPARED_REFERENCES = { replay: 12_000_000, forecast: 4_000_000 } as const;
/** Host ms of a first look where only full runs answer. */
const SIMULATED_MS = 5_000;
/** A piece of more than this part of the stretch is not worth looking at before the whole. */
const PIECE_MOST = 0.7;

/**
 * The host ms of a piece, whole seconds, that can be looked at well within a second before the whole stretch is; null where the whole is no longer
 * work.
 */
export function firstLookMs(config: HostConfig, kind: StudyKind, horizonMs: number): number | null {
  const ms = isOpenLoop({ ...config, costs: NO_COSTS })
    ? LOOK_REFERENCES[kind] / Math.max(1e-9, referencesPerMs(config))
    : SIMULATED_MS;
  const wholeMs = MS_PER_S * Math.max(1, Math.floor(ms / MS_PER_S));
  return wholeMs < PIECE_MOST * horizonMs ? wholeMs : null;
}

/**
 * The host ms that are made ready before somebody asks for a stretch: all of it, or where that is too much work to be done in
 * vain a piece; null where curves are blind.
 */
export function preparedMs(config: HostConfig, kind: StudyKind, horizonMs: number): number | null {
  if (!isOpenLoop({ ...config, costs: NO_COSTS })) return null;
  if (referencesPerMs(config) * horizonMs <= PREPARED_REFERENCES[kind]) return horizonMs;
  return firstLookMs(config, kind, horizonMs);
}

/** By the mean pace of all guests, as if all were there. */
function referencesPerMs({ guests }: HostConfig): number {
  return guests.reduce((sum, { pace }) => {
    const ms = pace.phases.reduce((total, phase) => total + phase.ms, 0);
    const references = pace.phases.reduce((total, phase) => total + (phase.ms * phase.accessesPerS) / MS_PER_S, 0);
    return sum + references / ms;
  }, 0);
}
