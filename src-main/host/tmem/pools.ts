import type { StateReader, StateWriter } from '../state.ts';
import { type Domain, NO_POOL, Pool, POOL_KINDS, POOL_NUMBERS, type PoolKind } from './entities.ts';

/** Shared pools of the whole host. */
const MAX_SHARED_POOLS = 16;

/** The pools of all clients, by dense number. */
export class PoolTable {
  /** By dense number, {@link NO_POOL} where there is none. */
  readonly list: Pool[] = [];
  /** The shared pools by global slot. */
  readonly shared: (Pool | null)[] = new Array<Pool | null>(MAX_SHARED_POOLS).fill(null);

  /** A new pool at the lowest free number. */
  add(kind: PoolKind, owner: Domain, slot: number, uuid: Uint32Array): Pool {
    const free = this.list.indexOf(NO_POOL);
    const number = free < 0 ? this.list.length : free;
    const pool = new Pool(number, kind, owner, slot, uuid);
    this.list[number] = pool;
    return pool;
  }

  remove(pool: Pool): void {
    this.list[pool.number] = NO_POOL;
  }

  /** The shared pool of this uuid that comes first in slot order, or null. */
  sharedWith(uuid: Uint32Array): Pool | null {
    return this.shared.find((pool) => pool?.uuid.every((word, place) => word === uuid[place])) ?? null;
  }

  save(to: StateWriter): void {
    to.numbers('pools', this.list.length, ...this.shared.map((pool) => pool?.number ?? -1));
    for (const pool of this.list) {
      to.numbers('pool', POOL_KINDS.indexOf(pool.kind), pool.owner.number, pool.dying ? 1 : 0);
      to.numbers('pool numbers', ...POOL_NUMBERS.map((name) => pool[name]));
      to.array('pool uuid', pool.uuid);
      to.array(
        'pool sharers',
        Int32Array.from(pool.sharers, (sharer) => sharer.number),
      );
    }
  }

  /** @param domains by number; domains of which pools speak must be there */
  restore(from: StateReader, domains: readonly (Domain | null)[]): void {
    const domain = (number: number): Domain => domains[number] ?? NO_POOL.owner;
    const [length = 0, ...shared] = from.numbers('pools');
    this.list.length = 0;
    for (let number = 0; number < length; number++) {
      const [kind = 0, owner = 0, dying = 0] = from.numbers('pool');
      const numbers = from.numbers('pool numbers');
      const uuid = from.array('pool uuid', Uint32Array);
      const sharers = from.array('pool sharers', Int32Array);
      if (kind === 0) {
        this.list.push(NO_POOL);
        continue;
      }
      const pool = new Pool(number, POOL_KINDS[kind], domain(owner), 0, uuid);
      POOL_NUMBERS.forEach((name, place) => (pool[name] = numbers[place]));
      pool.dying = dying === 1;
      pool.sharers = Array.from(sharers, domain);
      this.list.push(pool);
    }
    shared.forEach((number, slot) => (this.shared[slot] = number < 0 ? null : this.list[number]));
  }
}
