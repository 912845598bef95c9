import { Host } from '#main/host/host.ts';
import type { GuestConfig, HostConfig } from '#main/host/host-config.ts';
import { Random } from '#main/host/random.ts';
import type { StudyChange, StudyStart } from '#main/what-if/study.ts';
import { traceOf } from '../host/trace-of.ts';

const POLICIES = ['fifo', 'xen-shipped', 'xen-documented', 'max-over-share'] as const;

/** A reference string of loops, hot pages and single references over `distinct` pages. */
export function mixedReferences(random: Random, distinct: number, length: number): number[] {
  const pages: number[] = [];
  while (pages.length < length) {
    const kind = random.below(4);
    const first = kind === 0 ? random.below(Math.max(1, distinct >> 3)) : random.below(distinct);
    const run = kind === 3 ? 1 + random.below(40) : 1;
    for (let i = 0; i < run; i++) pages.push((first + i) % distinct);
  }
  return pages;
}

function guestOf(random: Random, id: number): GuestConfig {
  const distinct = 40 + random.below(400);
  const ramPages = 10 + random.below(80);
  const phase = () => ({
    ms: 500 + random.below(6_000),
    accessesPerS: random.below(4) === 0 ? 0 : 50 + random.below(400),
  });
  return {
    id,
    name: `g${id}`,
    trace: traceOf(mixedReferences(random, distinct, 300 + random.below(3_000))),
    pace: {
      phases: [{ ms: 3_000, accessesPerS: 100 + random.below(400) }, phase(), phase()],
      gapJitterPermille: 500,
      lengthJitterPermille: 200,
      startMs: random.below(3_000),
    },
    ramPages,
    minPages: 5,
    maxPages: 300,
    weight: random.below(5) === 0 ? 0 : random.below(500),
  };
}

/** A small random host. */
export function randomConfig(seed: number): HostConfig {
  const random = new Random(seed, 11);
  const guests = Array.from({ length: 1 + random.below(5) }, (_, place) => guestOf(random, place + 1));
  const ram = guests.reduce((sum, guest) => sum + guest.ramPages, 0);
  return {
    seed,
    totalPages: 10 + ram + random.below(600),
    reservedPages: 10,
    policy: 'max-over-share',
    idleTaxPermille: [0, 500, 750, 990][random.below(4)] ?? 0,
    idleTaxWindowS: 1 + random.below(10),
    balloonPagesPerS: 1 + random.below(60),
    guests,
  };
}

/** Up to six changes that a host in this config accepts. */
export function randomChanges(
  random: Random,
  config: HostConfig,
  policies: readonly (typeof POLICIES)[number][],
): StudyChange[] {
  const changes: StudyChange[] = [];
  for (let left = random.below(7); left > 0; left--) {
    const guestId = 1 + random.below(config.guests.length);
    const kind = random.below(7);
    if (kind === 0) changes.push({ kind: 'policy', policy: policies[random.below(policies.length)] ?? 'fifo' });
    else if (kind === 1) changes.push({ kind: 'idle-tax', permille: random.below(1000) });
    else if (kind === 2) changes.push({ kind: 'balloon-target', guestId, pages: 5 + random.below(296) });
    else if (kind === 3) changes.push({ kind: 'pool-limit', pages: random.below(500) });
    else if (kind === 4) changes.push({ kind: 'host-size', pages: config.totalPages + random.below(500) });
    else if (kind === 5 && random.below(2) === 0) changes.push({ kind: 'remove-guest', guestId });
    else changes.push({ kind: 'weight', guestId, value: random.below(600) });
  }
  // A guest that goes is not changed otherwise.
  const gone = new Set(changes.map((change) => (change.kind === 'remove-guest' ? change.guestId : 0)));
  return changes.filter(
    (change, at) =>
      !('guestId' in change) ||
      !gone.has(change.guestId) ||
      (change.kind === 'remove-guest' &&
        changes.findIndex((other) => other.kind === 'remove-guest' && other.guestId === change.guestId) === at),
  );
}

/** A host of this config that has run for a while, with balloons under way. */
export function randomStart(config: HostConfig, random: Random): StudyStart {
  if (random.below(4) === 0) return { config, state: null };
  const host = new Host(config);
  host.runTo(random.below(8_000));
  for (const guest of config.guests) {
    if (random.below(2) === 0) host.setBalloonTarget(guest.id, 5 + random.below(296));
  }
  if (random.below(3) === 0) host.setPolicy(POLICIES[random.below(4)] ?? 'fifo', 0);
  host.runTo(host.hostMs + random.below(6_000));
  if (random.below(2) === 0) host.setPolicy('max-over-share', config.idleTaxPermille);
  return { config, state: host.snapshot() };
}
