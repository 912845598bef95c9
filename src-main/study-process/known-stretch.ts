import { isDeepStrictEqual } from 'node:util';
import type { PreparedStudy } from '../what-if/prepared-study.ts';
import { expectedReferences } from '../what-if/recording.ts';
import { readStart } from '../what-if/start-state.ts';
import { decodeSnapshot } from '../host/state-codec.ts';
import type { JobStart, JobStretch } from './job.ts';
import { kindFor } from './open-start.ts';

/** References with which a stretch is kept between studies: with what is made of them about 250 MiB. */
const KEPT_REFERENCES_MAX = 12_000_000;

/** A stretch of time that was brought to its start, and what was made of it. */
export interface KnownStretch {
  readonly stretch: JobStretch;
  readonly study: PreparedStudy;
}

/** Whether there is something to be kept of a stretch for the next study, and it is small enough. */
export function isKept({ parts, config, horizonMs }: PreparedStudy): boolean {
  return parts.isEstimable && expectedReferences(config, parts, horizonMs) <= KEPT_REFERENCES_MAX;
}

/** Whether what is known of a stretch is exactly what is asked for, so that its recording can be used again. */
export function isSame(known: KnownStretch, wanted: JobStretch): boolean {
  const isWhole = known.stretch.horizonMs === wanted.horizonMs;
  return isWhole && isOfSameKind(known, wanted) && isSameStart(known, wanted.start);
}

/**
 * Whether what is known is near enough to what is asked for to tell something of it at once: a stretch of the same run that
 * overlaps it or a piece of such a one, with the same settings at its start.
 */
export function isNear(known: KnownStretch, wanted: JobStretch): boolean {
  const { start } = wanted;
  const { start: from } = known.stretch;
  if (start.kind === 'scenario' || from.kind !== start.kind || from.runId !== start.runId) return false;
  if (!isOfSameKind(known, wanted) || known.stretch.horizonMs > wanted.horizonMs) return false;
  const fromMs = known.study.parts.hostMs;
  return (
    Math.abs(beginOf(wanted) - fromMs) < wanted.horizonMs && (start.kind !== 'live' || isSetAs(known, start.state))
  );
}

/** Host ms at which a stretch begins, as far as its order tells; NaN where it does not. */
function beginOf({ start, kind, horizonMs }: JobStretch): number {
  if (start.kind === 'scenario') return start.atMs;
  const nowMs = start.nowMs ?? NaN;
  if (start.kind === 'live') return nowMs;
  return start.atMs ?? (kindFor(start, kind) === 'replay' ? Math.max(0, nowMs - horizonMs) : nowMs);
}

/** Whether nothing was set otherwise since a stretch was prepared: else a forecast from there is not one from now. */
function isSetAs({ study: { parts, config, start } }: KnownStretch, state: Uint8Array): boolean {
  // A forecast's own config has guests that go by scripts, of which the state of the running host knows nothing.
  const now = readStart({ config: start.source ?? config, state: decodeSnapshot(state) });
  return parts.guests.every(({ present, weight, targetPages }, place) => {
    const guest = now.guests[place];
    return guest?.present === present && guest.weight === weight && guest.targetPages === targetPages;
  });
}

function isOfSameKind({ stretch }: KnownStretch, wanted: JobStretch): boolean {
  return (
    kindFor(stretch.start, stretch.kind) === kindFor(wanted.start, wanted.kind) &&
    isDeepStrictEqual(stretch.config, wanted.config)
  );
}

function isSameStart({ stretch: { start }, study }: KnownStretch, wanted: JobStart): boolean {
  // What has no beginning of its own begins elsewhere each time.
  if (wanted.kind === 'history') {
    return (
      start.kind === 'history' &&
      start.runId === wanted.runId &&
      start.databaseFile === wanted.databaseFile &&
      wanted.atMs === study.parts.hostMs
    );
  }
  return isDeepStrictEqual(start, wanted);
}
