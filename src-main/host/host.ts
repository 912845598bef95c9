import { applyCommand } from './apply-command.ts';
import { EventOrder, NEVER } from './event-order.ts';
import { EvictionLedger } from './eviction-ledger.ts';
import { checkConfig } from './check-config.ts';
import { NO_COSTS } from './costs.ts';
import { Guest, type GuestView, PRESENT, REMOVED } from './guest/guest.ts';
import type { HostConfig } from './host-config.ts';
import { createContents, createStore } from './host-store.ts';
import { Machine } from './machine/machine.ts';
import type { SampleBatch } from './sample-batch.ts';
import { SampleRows } from './sample-rows.ts';
import { MemorySchedules } from './schedule/memory-schedules.ts';
import type { HostReadings } from './schedule/scheduler.ts';
import { digestOf, type StateEntry, StateReader, StateWriter } from './state.ts';
import { evictOldestOf } from './tmem/evict.ts';
import { REASON_COUNT, REASON_FLUSH } from './tmem/eviction-reasons.ts';
import { NO_CLIENT } from './tmem/policies/policy.ts';
import type { TmemStore } from './tmem/store.ts';

const NS_PER_MS = 1_000_000;
const NS_PER_S = 1_000_000_000;
/** Balloons move in steps of 100 host ms. */
const BALLOON_STEPS_PER_S = 10;
const NS_PER_STEP = NS_PER_S / BALLOON_STEPS_PER_S;
const NONE_YET = -1;

/**
 * A tmem host and its guests in host time. Config + commands (each at a host time) always give the same result, however
 * the run is cut into slices: what happens at one instant has a fixed order: the step of schedulers and balloons, the end
 * of a second (idle use decays, then the sample is taken), the config's own commands, other commands, then guests, the
 * lower number first. An operation takes effect when it begins; what takes time is its completion.
 *
 * Invariant at every instant, in pages of memory: total = reserved + Σ guest RAM + ephemeral + persistent + fallow.
 * Times within a second are whole nanoseconds, so that nothing is rounded however long a run lasts.
 */
export class Host {
  readonly guestIds: readonly number[];
  private readonly config: HostConfig;
  private readonly store: TmemStore;
  private readonly guests: readonly Guest[];
  private readonly machine: Machine;
  private readonly schedules: MemorySchedules;
  private readonly ledger: EvictionLedger;
  /** Start or next operation of each guest, in ns since the current second began. */
  private readonly order: EventOrder;
  /** The next of the config's commands. */
  private nextCommand = 0;
  private second = 0;
  /** How far the model has come within the second, and how many balloon steps of it are done. */
  private nowNs = 0;
  private stepsDone = 0;
  private readonly samples = new SampleRows();

  /** @throws ConfigValueError, or Error when the RAM of the guests that start at once and the reserve do not fit */
  constructor(config: HostConfig) {
    checkConfig(config);
    this.config = config;
    this.guestIds = config.guests.map((guest) => guest.id);
    this.ledger = new EvictionLedger(this.guestIds, REASON_COUNT);
    const contents = createContents(config);
    this.machine = new Machine(config.costs ?? NO_COSTS, contents);
    this.store = createStore(config, this.ledger, contents);
    const { machine, store } = this;
    this.guests = config.guests.map((guest, place) => new Guest(guest, place, config.seed, store, machine));
    this.schedules = new MemorySchedules(config.schedule ?? [], this.guests, store, config.reservedPages);
    this.order = new EventOrder(this.guests.length);
    this.guests.forEach((guest, place) => {
      const { startMs = 0 } = guest.config;
      if (startMs > 0) this.order.set(place, startMs * NS_PER_MS);
      else this.start(guest, place, 0);
    });
    if (this.guests.some((guest) => guest.presence === PRESENT && guest.ramPages !== guest.config.ramPages)) {
      throw new Error(`The RAM of the guests does not fit into a host of ${config.totalPages} pages.`);
    }
  }

  /** Host time in ms since the run began. */
  get hostMs(): number {
    return this.second * 1000 + this.nowNs / NS_PER_MS;
  }

  /** Bytes that the stored pages would take after deduplication and compression (with `packs`: take); null where contents are not accounted for. */
  get storedBytes(): number | null {
    return this.machine.contents?.bytes ?? null;
  }

  /** The store's settings in force; see the commands that set them. */
  get settings(): { policy: HostConfig['policy']; idleTaxPermille: number; ephemeralLimitPages: number } {
    const { policyName: policy, idleTaxPermille, ephemeralLimit: ephemeralLimitPages } = this.store;
    return { policy, idleTaxPermille, ephemeralLimitPages };
  }

  /** A guest by its id; read it, change it only through this class. */
  guest(id: number): GuestView | undefined {
    return this.guests.find((guest) => guest.id === id);
  }

  /** When the config's own commands last removed a guest, in host ms; null: they have not, so far. */
  configuredRemovalMs(id: number): number | null {
    const removal = (this.config.commands ?? [])
      .slice(0, this.nextCommand)
      .findLast((one) => one.kind === 'running' && one.guestId === id && !one.running);
    return removal?.atMs ?? null;
  }

  /**
   * Command: sets the weight of a guest (0 … 65,535) from now on. Pages move with the puts that follow.
   * @throws Error for an unknown guest
   */
  setWeight(id: number, weight: number): void {
    this.known(id).setWeight(weight);
  }

  /** Command: sets the balloon target of a guest in pages. @throws Error for an unknown guest or outside its bounds */
  setBalloonTarget(id: number, pages: number): void {
    const guest = this.known(id);
    if (pages < guest.minPages || pages > guest.maxPages)
      throw new Error(`${pages} pages are outside the bounds of ${guest.name}.`);
    guest.targetPages = pages;
  }

  /** Command: caps the ephemeral pages of a guest; Infinity: no cap. Pages beyond it go at once. @throws Error for an unknown guest */
  setCap(id: number, pages: number): void {
    this.known(id).setCap(pages);
  }

  /** Command: a frozen guest's new pages are refused by the store, until it is thawed. @throws Error for an unknown guest */
  setFrozen(id: number, frozen: boolean): void {
    this.known(id).setFrozen(frozen);
  }

  /** Command: a guest that is configured to start later starts now; without effect where it has. @throws Error for an unknown guest */
  startGuest(id: number): void {
    const guest = this.known(id);
    if (guest.presence !== PRESENT) this.start(guest, this.guests.indexOf(guest), this.nowNs);
  }

  /** Command: evicts all that a guest has in its ephemeral pools. @returns pages evicted. @throws Error for an unknown guest */
  flushGuest(id: number): number {
    const place = this.guests.indexOf(this.known(id));
    let evicted = 0;
    while (evictOldestOf(this.store.core, place, NO_CLIENT, REASON_FLUSH)) evicted++;
    return evicted;
  }

  /** Command: another eviction policy and idle tax (0 … 999 ‰) from now on. Pages move with the puts that follow. */
  setPolicy(policy: HostConfig['policy'], idleTaxPermille: number): void {
    this.store.setPolicy(policy, idleTaxPermille);
  }

  /** Command: the most ephemeral pages that all guests together may have stored. Pages beyond it go at once. */
  setEphemeralLimit(pages: number): void {
    this.store.setEphemeralLimit(pages);
  }

  /**
   * Command: the host has this much RAM from now on. Where less is left than is in use, ephemeral pages go at once.
   * @throws Error when the guests' RAM and the reserve would not fit
   */
  setTotalPages(pages: number): void {
    const heapPages = pages - this.config.reservedPages;
    const taken = this.store.persistentPages + this.guests.reduce((sum, guest) => sum + guest.ramPages, 0);
    if (heapPages < taken) {
      throw new Error(`A host of ${pages} pages is too small for its reserve and the ${taken} pages its guests have.`);
    }
    this.store.setHeapPages(heapPages);
  }

  /** Command: a guest ends; its RAM and all that it has in tmem become fallow. @throws Error for an unknown guest */
  removeGuest(id: number): void {
    const guest = this.known(id);
    guest.remove();
    this.order.set(this.guests.indexOf(guest), NEVER);
  }

  /** What the host and its guests have now; valid until the next call. */
  readings(): HostReadings {
    return this.schedules.read(this.hostMs);
  }

  /** Runs until host time `ms` (whole): everything that happens before it, and the steps that fall on it. */
  runTo(ms: number): void {
    for (;;) {
      const commandMs = this.applyDueCommands();
      const limitNs = (Math.min(ms, commandMs) - this.second * 1000) * NS_PER_MS;
      const stepNs = (this.stepsDone + 1) * NS_PER_STEP;
      this.runGuestsUntil(Math.min(limitNs, stepNs));
      if (stepNs <= limitNs) {
        this.step();
        if (this.stepsDone === BALLOON_STEPS_PER_S) this.endSecond();
      } else if (commandMs > ms) {
        return;
      }
    }
  }

  /** The samples of the host seconds that ended since the last call. */
  takeSamples(): SampleBatch {
    return this.samples.take(this.second);
  }

  /** The whole state as flat copies: enough to go on in a host made from the same config. Samples not yet taken stay. */
  snapshot(): StateEntry[] {
    const to = new StateWriter();
    to.numbers('host', this.second, this.nowNs, this.stepsDone);
    to.array('host order', this.order.times);
    for (const guest of this.guests) guest.save(to);
    this.ledger.save(to);
    this.store.save(to);
    to.numbers('host rest', this.nextCommand);
    for (const guest of this.guests) guest.saveRest(to);
    this.machine.save(to);
    this.schedules.save(to);
    return to.entries;
  }

  /** Takes over a state made by {@link snapshot} in a host of the same config. @throws Error when it does not fit. */
  restore(entries: readonly StateEntry[]): void {
    const from = new StateReader(entries);
    const [second, nowNs, stepsDone] = from.numbers('host');
    this.second = second;
    this.nowNs = nowNs;
    this.stepsDone = stepsDone;
    this.samples.beginAt(second);
    this.order.restore(from.array('host order', Float64Array));
    for (const guest of this.guests) guest.restore(from);
    this.ledger.restore(from);
    this.store.restore(from);
    [this.nextCommand] = from.numbers('host rest');
    for (const guest of this.guests) guest.restoreRest(from, second);
    this.machine.restore(from);
    this.schedules.restore(from);
  }

  /** A second host in the same state: what is done to one does not touch the other. */
  fork(): Host {
    const copy = new Host(this.config);
    copy.restore(this.snapshot());
    return copy;
  }

  /** 64-bit digest of the state. */
  digest(): string {
    return digestOf(this.snapshot());
  }

  private known(id: number): Guest {
    const guest = this.guests.find((one) => one.id === id && one.presence !== REMOVED);
    if (guest === undefined) throw new Error(`There is no guest ${id}.`);
    return guest;
  }

  private start(guest: Guest, place: number, atNs: number): void {
    guest.start();
    this.order.set(place, atNs + guest.workload.thinkNs());
  }

  /** Applies the config's commands whose time has come. @returns the host ms of the next one; Infinity: there is none */
  private applyDueCommands(): number {
    const { commands = [] } = this.config;
    while (this.nextCommand < commands.length && commands[this.nextCommand].atMs <= this.hostMs) {
      const command = commands[this.nextCommand++];
      // A guest that was removed by a command from outside stays removed, whatever the config had in mind for it.
      if (!('guestId' in command) || this.guest(command.guestId)?.presence !== REMOVED) {
        applyCommand(this, this.store, command);
      }
    }
    return this.nextCommand < commands.length ? commands[this.nextCommand].atMs : Infinity;
  }

  /** All starts and operations before `untilNs` of the current second, in order of time as far as others could notice. */
  private runGuestsUntil(untilNs: number): void {
    const { guests, order, store } = this;
    const secondMs = this.second * 1000;
    let lastNs = NONE_YET;
    for (;;) {
      const place = order.first;
      const atNs = order.times[place];
      if (atNs >= untilNs) break;
      const guest = guests[place];
      store.nowMs = secondMs + Math.floor(atNs / NS_PER_MS);
      if (guest.presence === PRESENT) {
        order.set(place, guest.operate(atNs, untilNs));
        if (guest.lastNs > lastNs) lastNs = guest.lastNs;
      } else {
        this.start(guest, place, atNs);
        if (atNs > lastNs) lastNs = atNs;
      }
    }
    if (lastNs !== NONE_YET) store.nowMs = secondMs + Math.floor(lastNs / NS_PER_MS);
    this.nowNs = untilNs;
  }

  private step(): void {
    const done = this.stepsDone;
    const rate = this.config.balloonPagesPerS;
    // The rate in whole pages a step, so that ten steps move exactly the rate.
    const most =
      Math.floor((rate * (done + 1)) / BALLOON_STEPS_PER_S) - Math.floor((rate * done) / BALLOON_STEPS_PER_S);
    this.store.nowMs = this.hostMs;
    this.schedules.step(this.hostMs, this.nowNs);
    for (const guest of this.guests) {
      if (guest.presence === PRESENT) guest.step(this.nowNs, most);
    }
    this.stepsDone = done + 1;
  }

  private endSecond(): void {
    this.store.tick();
    this.schedules.endSecond();
    const { guests, ledger, machine, store } = this;
    this.samples.add(this.second, { guests, ledger, machine, store, reservedPages: this.config.reservedPages });
    this.second++;
    this.nowNs = 0;
    this.stepsDone = 0;
    this.order.shift(NS_PER_S);
  }
}
