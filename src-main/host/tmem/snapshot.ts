import type { StateReader, StateWriter } from '../state.ts';
import type { GlobalCounters, StoreCore } from './core.ts';
import { POLICY_NAMES } from './policies/index.ts';

/** The global counters in the order of a snapshot. */
const COUNTERS = [
  'operations',
  'errors',
  'pagesFailed',
  'evicted',
  'evictAttempts',
  'relinquished',
  'relinquishAttempts',
  'maxEvictionsPerRelinquish',
  'ephemeralMax',
  'objectsMax',
  'nodes',
  'nodesMax',
  'descriptorsMax',
  'framesMax',
  'goodEphemeralPuts',
] as const satisfies readonly (keyof GlobalCounters)[];

/** See {@link TmemStore.save}. */
export function saveCore(core: StoreCore, to: StateWriter): void {
  to.numbers(
    'tmem store',
    core.quirks ? 1 : 0,
    POLICY_NAMES.indexOf(core.policyName),
    core.idleTaxPermille,
    core.ephemeralLimit,
    core.sharedAuthGlobal ? 1 : 0,
    core.nowMs,
    core.globalHead,
  );
  to.numbers('tmem counters', ...COUNTERS.map((name) => core.counters[name]));
  core.pages.save(to);
  core.objects.save(to);
  core.clients.save(to);
  core.pools.save(to);
  core.memory.save(to);
  core.nodes?.save(to);
  core.packing?.save(to);
}

/** See {@link TmemStore.restore}. */
export function restoreCore(core: StoreCore, from: StateReader, adopt: boolean): void {
  const [quirks = 0, policy = 0, tax = 0, limit = 0, sharedAuth = 0, nowMs = 0, globalHead = 0] =
    from.numbers('tmem store');
  if ((quirks === 1) !== core.quirks) {
    throw new Error(`The snapshot is of a store in ${quirks === 1 ? 'conformance' : 'default'} mode, this one is not.`);
  }
  const counters = from.numbers('tmem counters');
  COUNTERS.forEach((name, place) => (core.counters[name] = counters[place]));
  core.ephemeralLimit = limit;
  core.sharedAuthGlobal = sharedAuth === 1;
  core.nowMs = nowMs;
  core.globalHead = globalHead;
  core.pages.restore(from, adopt);
  core.objects.restore(from, adopt);
  const slots = core.clients.restore(from);
  core.pools.restore(from, core.clients.domains);
  core.clients.linkPools(slots, core.pools.list);
  core.memory.restore(from);
  core.nodes?.restore(from);
  core.packing?.restore(from);
  core.setPolicy(POLICY_NAMES[policy], tax);
}
