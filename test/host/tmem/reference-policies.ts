import type { PolicyName } from '#main/host/tmem/policies/index.ts';
import type { RefClient, RefPolicy } from './reference-store.ts';

/** The policies of DESIGN.md section 5 as sentences: exact, by BigInt, looking at every client each time. */
export function referencePolicy(name: PolicyName, taxPermille: number): RefPolicy {
  switch (name) {
    case 'fifo':
      return () => 'oldest';
    case 'xen-shipped':
      return (store, requester) => {
        const sides = quotaSides(store.global.length, store.totalWeight, requester);
        return requester !== null && sides !== null && sides.held > sides.due ? requester : 'oldest';
      };
    case 'xen-documented':
      return (store, requester) => {
        const sides = quotaSides(store.global.length, store.totalWeight, requester);
        return requester !== null && sides !== null && sides.held < sides.due ? requester : 'oldest';
      };
    case 'max-over-share':
      return (store) => {
        const holders = store.clients
          .filter((client) => client.ephemeral > 0)
          .sort((a, b) => compareCharges(b, a, store.totalWeight, taxPermille) || a.number - b.number);
        return holders[0] ?? 'oldest';
      };
  }
}

/** ⌊100·G/C⌋ and ⌊100·W/w⌋, or null where the test does not apply (5.3). */
function quotaSides(all: number, totalWeight: number, client: RefClient | null): { held: bigint; due: bigint } | null {
  if (client === null || totalWeight === 0 || client.weight === 0 || client.ephemeral === 0) return null;
  return {
    held: (100n * BigInt(all)) / BigInt(client.ephemeral),
    due: (100n * BigInt(totalWeight)) / BigInt(client.weight),
  };
}

/** Positive where a is charged more than b. */
function compareCharges(a: RefClient, b: RefClient, totalWeight: number, taxPermille: number): number {
  const charge = (client: RefClient): bigint =>
    1000n * BigInt(client.ephemeral) - BigInt(taxPermille) * BigInt(Math.min(client.ephemeral, client.used));
  if (totalWeight > 0 && a.weight === 0 && b.weight === 0) return a.ephemeral - b.ephemeral;
  if (totalWeight > 0 && (a.weight === 0 || b.weight === 0)) return a.weight === 0 ? 1 : -1;
  const weight = (client: RefClient): bigint => (totalWeight > 0 ? BigInt(client.weight) : 1n);
  const difference = charge(a) * weight(b) - charge(b) * weight(a);
  return difference > 0n ? 1 : difference < 0n ? -1 : 0;
}
