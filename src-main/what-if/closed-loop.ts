import type { HostConfig } from '../host/host-config.ts';
import { NO_COSTS } from '../host/costs.ts';
import type { Setting } from './changes.ts';
import { meanPaces } from './mean-values.ts';
import type { Course } from './share-course.ts';
import { type SlotCurves, SLOTS } from './slot-curves.ts';

const NS_PER_MS = 1_000_000;
/** Steps that the time is marched through. */
const STEPS = 2 * SLOTS;
/** Part of the misses per access by which guests that fall behind each other differently may be off. */
const OF_SHIFT = 0.1;
/** Part of what chance would move the misses per access by, if each access missed or not by a coin of its own. Measured over random hosts. */
const OF_CHANCE = 0.25;
/** Part of the waiting time by which mean values may be off: of service, and of queues. */
const OF_SERVICE = 0.02;
const OF_QUEUES = 0.2;

/** What guests come to in the time when they wait for what they ask for; by place. */
export interface ClosedLoop {
  readonly accesses: Float64Array;
  readonly diskReads: Float64Array;
  readonly precacheHits: Float64Array;
  readonly waitingParts: Float64Array;
  readonly waitingErrors: Float64Array;
  /** To be added to the stated errors of disk reads per access. */
  readonly shiftErrors: Float64Array;
}

/**
 * Slows the guests of an open loop down to what disks and copies let them do. A guest that waits comes less far in what it
 * would do, and how long it waits depends on what it and the others ask for at that moment: step by step through the time, each
 * guest where it has come to, their paces are those of mean values ({@link meanPaces}). What a guest misses in a part of what it
 * does stays as the course has it.
 */
export function closeLoop(
  course: Course,
  curves: SlotCurves,
  config: HostConfig,
  setting: Setting,
  { horizonMs, errors }: { readonly horizonMs: number; readonly errors: Float64Array },
): ClosedLoop {
  const guests = course.misses.length;
  const costs = config.costs ?? NO_COSTS;
  const found = {
    accesses: new Float64Array(guests),
    diskReads: new Float64Array(guests),
    precacheHits: new Float64Array(guests),
    waitingParts: new Float64Array(guests),
    waitingErrors: new Float64Array(guests),
    shiftErrors: new Float64Array(guests),
  };
  const slotNs = (horizonMs * NS_PER_MS) / SLOTS;
  // How far each guest has come, in slots of what it would do.
  const done = new Float64Array(guests);
  const queued = new Float64Array(guests);
  const asked = Array.from({ length: guests }, () => NOTHING);
  for (let step = 0; step < STEPS; step++) {
    for (let guest = 0; guest < guests; guest++) {
      asked[guest] = setting.removed[guest]
        ? NOTHING
        : askedIn(course, curves, guest, setting, Math.min(SLOTS - 1, Math.floor(done[guest])));
    }
    const paces = meanPaces(
      asked.map(({ accesses, precacheHits, diskReads }, guest) => ({
        thinkNs: accesses > 0 ? slotNs / accesses : Infinity,
        precacheHits: accesses > 0 ? precacheHits / accesses : 0,
        diskReads: accesses > 0 ? diskReads / accesses : 0,
        disk: config.guests[guest].fileDisk ?? 0,
      })),
      costs,
    );
    paces.forEach(({ waitingPart, queuedPart }, guest) => {
      done[guest] += ((1 - waitingPart) * SLOTS) / STEPS;
      found.waitingParts[guest] += waitingPart / STEPS;
      queued[guest] += (waitingPart * queuedPart) / STEPS;
    });
  }
  for (let guest = 0; guest < guests; guest++) {
    for (let slot = 0; slot < Math.min(SLOTS, done[guest]) && !setting.removed[guest]; slot++) {
      const part = Math.min(1, done[guest] - slot);
      const within = askedIn(course, curves, guest, setting, slot);
      found.accesses[guest] += part * within.accesses;
      found.diskReads[guest] += part * within.diskReads;
      found.precacheHits[guest] += part * within.precacheHits;
    }
    const accesses = found.accesses[guest];
    if (accesses === 0) continue;
    const ratio = found.diskReads[guest] / accesses;
    const undelayed = course.misses[guest] / curves.accessesOf(guest);
    const chance = Math.sqrt((ratio * (1 - ratio)) / accesses);
    found.shiftErrors[guest] = OF_SHIFT * Math.abs(ratio - undelayed) + OF_CHANCE * chance;
    // Waiting goes with the disk reads, and is bounded by 1.
    const part = found.waitingParts[guest];
    const readsError = Math.min(1, (errors[guest] + found.shiftErrors[guest]) / Math.max(ratio, 1e-9));
    const relative = OF_SERVICE + readsError + (part > 0 ? (OF_QUEUES * queued[guest]) / part : 0);
    found.waitingErrors[guest] = part * (1 - part) * relative;
  }
  return found;
}

const NOTHING = { accesses: 0, precacheHits: 0, diskReads: 0 };

/** What a guest asks for in a part of what it would do. */
function askedIn(
  { missesIn }: Course,
  curves: SlotCurves,
  guest: number,
  { targetPages }: Setting,
  slot: number,
): typeof NOTHING {
  const first = curves.colds[guest * SLOTS + slot];
  const diskReads = missesIn[guest * SLOTS + slot];
  const beyondCache = curves.missesAgain(guest, slot, targetPages[guest]) + first;
  return {
    accesses: curves.missesAgain(guest, slot, 0) + first,
    precacheHits: Math.max(0, beyondCache - diskReads),
    diskReads,
  };
}
