import { type EvictionPolicy, GLOBAL_OLDEST } from './policy.ts';

/**
 * fifo: no weights.
 *
 *   on pressure: evict the page that has been in the store longest (shared pools: since its last hit).
 */
export function fifo(): EvictionPolicy {
  return {
    name: 'fifo',
    watches: false,
    victim: () => GLOBAL_OLDEST,
    changed: () => undefined,
    rebuild: () => undefined,
  };
}
