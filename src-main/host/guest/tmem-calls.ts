import type { Machine } from '../machine/machine.ts';
import type { OperationTime } from '../machine/operation-time.ts';
import type { TmemStore } from '../tmem/store.ts';

/**
 * The hypercalls of a guest: the store's operations on its pools, with the CPU time that they cost it. Every call costs
 * the way into the host; one that stores or finds a page, the copy too.
 */
export class TmemCalls {
  /** The object id of a call; only its low word is ever used. */
  private readonly oid = new Uint32Array(6);
  private readonly store: TmemStore;
  private readonly domain: number;
  private readonly machine: Machine;
  private readonly time: OperationTime;
  private readonly hypercallNs: number;
  private readonly copyNs: number;

  constructor(store: TmemStore, domain: number, machine: Machine, time: OperationTime) {
    this.store = store;
    this.domain = domain;
    this.machine = machine;
    this.time = time;
    this.hypercallNs = machine.costs.cpu.hypercallNs;
    this.copyNs = machine.costs.cpu.copyNs;
  }

  /** @returns whether the page was stored */
  put(pool: number, object: number, index: number, contentLo: number, contentHi: number): boolean {
    const before = this.begin(object);
    const isStored = this.store.put(this.domain, pool, this.oid, index, contentLo, contentHi) === 1;
    this.charge(isStored, before);
    return isStored;
  }

  /**
   * @returns whether the page was found
   * @throws Error when another page is found than was put: the model never goes on with a wrong page
   */
  get(pool: number, object: number, index: number, contentLo: number, contentHi: number): boolean {
    const { store } = this;
    const before = this.begin(object);
    const isFound = store.get(this.domain, pool, this.oid, index) === 1;
    if (isFound && (store.contentLo !== contentLo || store.contentHi !== contentHi)) {
      throw new Error(
        `Pool ${pool} of guest ${this.domain} gave page ${store.contentLo}/${store.contentHi} back where ` +
          `${contentLo}/${contentHi} belongs (object ${object}, index ${index}).`,
      );
    }
    this.charge(isFound, before);
    return isFound;
  }

  flushPage(pool: number, object: number, index: number): void {
    this.begin(object);
    this.store.flushPage(this.domain, pool, this.oid, index);
    this.time.cpuNs += this.hypercallNs;
  }

  flushObject(pool: number, object: number): void {
    this.begin(object);
    this.store.flushObject(this.domain, pool, this.oid);
    this.time.cpuNs += this.hypercallNs;
  }

  /** @returns CPU time that was spent on contents before */
  private begin(object: number): number {
    this.oid[0] = object;
    const { contents } = this.machine;
    if (contents === null) return 0;
    contents.caller = this.domain;
    return contents.cpuNs;
  }

  private charge(isCopied: boolean, contentsBefore: number): void {
    if (this.hypercallNs === 0 && this.copyNs === 0) return;
    this.time.cpuNs += isCopied ? this.hypercallNs + this.copyNs : this.hypercallNs;
    if (this.machine.contents !== null) this.time.cpuNs += this.machine.contents.cpuNs - contentsBefore;
  }
}
