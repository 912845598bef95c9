import type { GuestConfig } from '../host-config.ts';
import type { Machine } from '../machine/machine.ts';
import { OperationTime } from '../machine/operation-time.ts';
import { Random } from '../random.ts';
import { GUEST, GUEST_WIDTH } from '../sample-columns.ts';
import type { StateReader, StateWriter } from '../state.ts';
import { EPHEMERAL_PRIVATE, PERSISTENT_PRIVATE } from '../tmem/options.ts';
import type { TmemStore } from '../tmem/store.ts';
import { createWorkload } from '../workload/create-workload.ts';
import { TracePlayer } from '../workload/trace-player.ts';
import type { Workload } from '../workload/workload.ts';
import { Kernel } from './kernel.ts';
import { DEFAULT_KERNEL, type KernelConfig } from './kernel-config.ts';
import { PageContents } from './page-contents.ts';
import { Precache } from './precache.ts';
import { Preswap } from './preswap.ts';
import { TmemCalls } from './tmem-calls.ts';

/** Whether a guest is there. */
export const ABSENT = 0;
export const PRESENT = 1;
export const REMOVED = 2;
type Presence = typeof ABSENT | typeof PRESENT | typeof REMOVED;

/** What others may read of a guest. */
export type GuestView = Readonly<
  Pick<Guest, 'id' | 'name' | 'minPages' | 'maxPages' | 'presence' | 'ramPages' | 'targetPages' | 'weight'> &
    Pick<Guest, 'capPages' | 'isFrozen'>
>;

/**
 * A guest: its RAM and balloon, its settings in the store, its kernel and its workload. What a get returned is checked
 * against what was put: the model never goes on with a wrong page.
 */
export class Guest {
  readonly id: number;
  readonly name: string;
  readonly minPages: number;
  readonly maxPages: number;
  readonly config: GuestConfig;
  presence: Presence = ABSENT;
  /** RAM it has, and RAM its balloon is moving to, in pages. */
  ramPages = 0;
  targetPages: number;
  weight: number;
  /** Most ephemeral pages it may have by the administrator's word, and most pages of any kind by a scheduler's. */
  capPages: number;
  poolTargetPages = Infinity;
  isFrozen = false;
  /** When the last of the operations of {@link operate} began. */
  lastNs = 0;
  /** What happened within the current host second, by column (gauges are filled in when the second ends). */
  readonly counts = new Float64Array(GUEST_WIDTH);
  readonly workload: Workload;
  readonly kernel: Kernel;
  readonly time: OperationTime;
  private readonly store: TmemStore;
  private readonly machine: Machine;
  /** Number of this guest in the store. */
  private readonly domain: number;
  private readonly usesPrecache: boolean;
  private readonly usesPreswap: boolean;
  /** The workload has advanced to an operation that waits for its turn; never between two stretches of host time. */
  private isAhead = false;

  /** Creates the guest in the store, without RAM; it is to be started. @param place from 0, in order of id */
  constructor(config: GuestConfig, place: number, seed: number, store: TmemStore, machine: Machine) {
    this.config = config;
    this.id = config.id;
    this.name = config.name;
    this.minPages = config.minPages;
    this.maxPages = config.maxPages;
    this.targetPages = config.ramPages;
    this.weight = config.weight;
    this.capPages = config.capPages ?? Infinity;
    this.store = store;
    this.machine = machine;
    this.domain = store.createDomain(config.id, 0, config.maxPages);
    if (this.domain !== place)
      throw new Error(`Guest ${config.name} is number ${this.domain} of the store, not ${place}.`);
    const kernel: KernelConfig = { ...DEFAULT_KERNEL, ...config.kernel };
    const random = new Random(seed, config.id);
    this.workload =
      config.workload === undefined
        ? new TracePlayer(config.trace, config.pace, random)
        : createWorkload(config.workload, random);
    const { counts, workload } = this;
    this.usesPrecache = config.precache ?? true;
    this.usesPreswap = (config.preswap ?? true) && kernel.swapPages > 0 && workload.anonPages > 0;
    this.time = new OperationTime(machine);
    const { time } = this;
    const calls = new TmemCalls(store, place, machine, time);
    const described = machine.contents === null ? null : (config.content ?? OWN_CONTENTS);
    const contents = new PageContents(described, workload.filePages, config.id, workload.contentHashes);
    // A client's pools are numbered as they are made (see start).
    const preswapPool = this.usesPrecache ? 1 : 0;
    const fileDisk = config.fileDisk ?? 0;
    this.kernel = new Kernel({
      ...{ config: kernel, workload, machine, time, contents, counts, fileDisk },
      precache: this.usesPrecache ? new Precache(calls, 0, workload, contents, counts) : null,
      preswap: this.usesPreswap
        ? new Preswap(calls, preswapPool, contents, counts, {
            mayStore: () => store.persistentPagesOf(place) < this.poolTargetPages,
            stored: () => this.applyCap(),
          })
        : null,
      swapDisk: config.swapDisk ?? fileDisk,
    });
  }

  /** Gives the guest its RAM, as much of it as there is, and its pools. */
  start(): void {
    const { domain, store } = this;
    this.presence = PRESENT;
    this.ramPages = store.growRam(domain, this.targetPages);
    if (this.usesPrecache) this.openPool(EPHEMERAL_PRIVATE, 0);
    if (this.usesPreswap) this.openPool(PERSISTENT_PRIVATE, this.usesPrecache ? 1 : 0);
    store.setWeight(domain, this.weight);
    if (this.isFrozen) store.freeze(domain);
    this.applyCap();
  }

  /** The guest ends: its RAM and all that it has in tmem become fallow. */
  remove(): void {
    this.presence = REMOVED;
    if (this.machine.contents !== null) this.machine.contents.caller = this.domain;
    this.store.destroyDomain(this.domain);
    this.ramPages = 0;
    this.targetPages = 0;
  }

  /**
   * The next operation of the workload, begun `atNs` after the start of the second; and those after it that begin before
   * `untilNs` as long as no other guest could notice them (see {@link Kernel.operateAlone}): they need not wait for their turn.
   * @returns when the first that is left begins; Infinity if there is none
   */
  operate(atNs: number, untilNs: number): number {
    const { kernel, ramPages, time, workload } = this;
    time.begin(atNs);
    if (this.isAhead) this.isAhead = false;
    else workload.next();
    kernel.operate(ramPages);
    let lastNs = atNs;
    let nextNs = time.complete() + workload.thinkNs();
    while (nextNs < untilNs) {
      workload.next();
      if (!kernel.operateAlone(nextNs, ramPages)) {
        this.isAhead = true;
        break;
      }
      lastNs = nextNs;
      nextNs += workload.thinkNs();
    }
    this.lastNs = lastNs;
    return nextNs;
  }

  setWeight(weight: number): void {
    this.weight = weight;
    if (this.presence === PRESENT) this.store.setWeight(this.domain, weight);
  }

  setFrozen(frozen: boolean): void {
    this.isFrozen = frozen;
    if (this.presence !== PRESENT) return;
    if (frozen) this.store.freeze(this.domain);
    else this.store.thaw(this.domain);
  }

  setCap(pages: number): void {
    this.capPages = pages;
    this.applyCap();
  }

  setPoolTarget(pages: number): void {
    if (pages === this.poolTargetPages) return;
    this.poolTargetPages = pages;
    this.applyCap();
  }

  /**
   * What happens by time alone, ten times a second: the balloon moves towards its target, `most` pages at the most, each
   * page reclaimed before it is given to the host; writeback goes on.
   */
  step(atNs: number, most: number): void {
    this.time.begin(atNs);
    if (!this.kernel.writeback.isIdle) this.kernel.writeback.advance(this.ramPages);
    if (this.targetPages !== this.ramPages) this.moveBalloon(most);
    this.time.settle();
  }

  /** Brings pages back from preswap until this many are left (frontswap_shrink). */
  shrinkPreswap(atNs: number, pages: number): void {
    this.time.begin(atNs);
    this.kernel.shrinkPreswap(pages, this.ramPages);
    this.time.settle();
  }

  /** Fills in the gauges. The parameters are pages as the store counts them. */
  readGauges(ephemeralPages: number, usedPages: number, persistentPages: number): void {
    const { counts, kernel, time } = this;
    counts[GUEST.ramPages] = this.ramPages;
    counts[GUEST.targetPages] = this.targetPages;
    counts[GUEST.weight] = this.weight;
    counts[GUEST.ephemeralPages] = ephemeralPages;
    counts[GUEST.persistentPages] = persistentPages;
    counts[GUEST.usedPages] = Math.min(usedPages, ephemeralPages);
    const isPresent = this.presence === PRESENT;
    counts[GUEST.anonPages] = isPresent ? kernel.order.anonSize : 0;
    counts[GUEST.dirtyPages] = isPresent ? kernel.files.dirtyPages : 0;
    counts[GUEST.swapPages] = isPresent ? kernel.swap.slots.used : 0;
    counts[GUEST.preswapDuplicates] = isPresent ? kernel.swap.duplicates : 0;
    counts[GUEST.stallUs] = isPresent ? Math.floor(time.stalledNs / 1000) : 0;
    counts[GUEST.tmemCpuUs] = Math.floor(time.cpuSumNs / 1000);
  }

  /** The sample of the second was taken: another begins. */
  endSecond(second: number): void {
    this.counts.fill(0);
    this.time.endSecond();
    this.kernel.writeback.endSecond(second);
    this.kernel.second = second + 1;
  }

  private openPool(flags: number, expected: number): void {
    const pool = this.store.newPool(this.domain, flags);
    if (pool !== expected) throw new Error(`Guest ${this.name} was given pool ${pool}, not ${expected}.`);
  }

  /** The cap in the store: the administrator's, and what a pool target leaves beside the persistent pages. */
  private applyCap(): void {
    if (this.presence !== PRESENT) return;
    if (this.capPages === Infinity && this.poolTargetPages === Infinity && this.store.capOf(this.domain) === Infinity)
      return;
    const left = Math.max(0, this.poolTargetPages - this.store.persistentPagesOf(this.domain));
    this.store.setCap(this.domain, Math.min(this.capPages, left));
  }

  private moveBalloon(most: number): void {
    const wanted = Math.max(this.targetPages, this.config.floorPages ?? 0) - this.ramPages;
    if (wanted > 0) {
      if (this.targetPages > this.ramPages)
        this.ramPages += this.store.growRam(this.domain, Math.min(this.targetPages - this.ramPages, most));
      return;
    }
    for (let moved = 0; moved < Math.min(-wanted, most); moved++) {
      if (!this.kernel.reclaimTo(this.ramPages - 1)) return;
      if (this.store.shrinkRam(this.domain, 1) !== 1) return;
      this.ramPages--;
    }
  }

  /** The part of the state that stands before the store's in a snapshot, where studies read it. */
  save(to: StateWriter): void {
    to.numbers('guest', this.id, this.ramPages, this.targetPages, this.weight);
    to.array('guest counts', this.counts);
    this.workload.save(to);
    this.kernel.order.save(to);
  }

  restore(from: StateReader): void {
    const [, ramPages, targetPages, weight] = from.numbers('guest');
    this.ramPages = ramPages;
    this.targetPages = targetPages;
    this.weight = weight;
    this.counts.set(from.array('guest counts', Float64Array));
    this.workload.restore(from);
    this.kernel.order.restore(from);
  }

  /** The rest of it, which stands behind. */
  saveRest(to: StateWriter): void {
    const { capPages, poolTargetPages, presence } = this;
    to.numbers('guest settings', presence, capPages, poolTargetPages, this.isFrozen ? 1 : 0, ...this.time.state());
    this.kernel.save(to);
  }

  /** @param second the host second under way */
  restoreRest(from: StateReader, second: number): void {
    const [presence, capPages, poolTargetPages, isFrozen, ...time] = from.numbers('guest settings');
    this.presence = presence as Presence;
    this.capPages = capPages;
    this.poolTargetPages = poolTargetPages;
    this.isFrozen = isFrozen === 1;
    this.time.setState(time);
    this.kernel.restore(from);
    this.kernel.second = second;
  }
}

/** Pages of their own, that don't compress. */
const OWN_CONTENTS = {
  filePermille: [1000, 0, 0, 0],
  anonPermille: [1000, 0, 0, 0],
  imagePages: 0,
  image: 0,
} as const;
