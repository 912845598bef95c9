import type { DiskClass } from '../costs.ts';
import type { StateReader, StateWriter } from '../state.ts';
import { Servers } from './servers.ts';

const NS_PER_S = 1_000_000_000;

/**
 * A disk of the host, shared by all guests: one queue in order of arrival, `parallel` servers. As the time that a request
 * takes is known when it arrives, so is its completion, and nothing has to happen meanwhile. Requests arrive when the
 * operation that makes them begins, and operations begin in order of host time.
 *
 * All times are ns since the current host second began; {@link endSecond} begins the next.
 */
export class Disk {
  private readonly config: DiskClass;
  private readonly takesTime: boolean;
  private readonly servers: Servers;
  /** When the requests that had to wait will be served: a ring, in order. Its length is a power of two. */
  private startsNs = new Float64Array(64);
  private firstStart = 0;
  private waiting = 0;
  /** Service time of the requests of this second, and what was still to be done when it began. */
  private askedNs = 0;
  private broughtNs = 0;

  constructor(config: DiskClass) {
    this.config = config;
    this.takesTime = config.serviceNs > 0 || config.nextPageNs > 0;
    this.servers = new Servers(config.parallel);
  }

  /** A request for `pages` pages that follow each other. @returns when it is done */
  request(atNs: number, pages: number): number {
    if (!this.takesTime) return atNs;
    const { config, servers } = this;
    const serviceNs = config.serviceNs + (pages - 1) * config.nextPageNs;
    let startNs = atNs;
    if (servers.firstFreeNs > atNs) {
      startNs = servers.firstFreeNs;
      this.enqueue(startNs, atNs);
    }
    const doneNs = startNs + serviceNs;
    servers.occupy(doneNs);
    this.askedNs += serviceNs;
    return doneNs;
  }

  /** Requests that wait or are being served at a time; none may have arrived after it. */
  queueAt(atNs: number): number {
    this.dequeue(atNs);
    return this.waiting + this.servers.busyAt(atNs);
  }

  /** Ends the host second. @returns ns that its servers were busy in it, all together */
  endSecond(): number {
    const leftNs = this.servers.endSecond();
    this.dequeue(NS_PER_S);
    const mask = this.startsNs.length - 1;
    for (let at = 0; at < this.waiting; at++) this.startsNs[(this.firstStart + at) & mask] -= NS_PER_S;
    const busyNs = this.broughtNs + this.askedNs - leftNs;
    this.broughtNs = leftNs;
    this.askedNs = 0;
    return busyNs;
  }

  private enqueue(startNs: number, atNs: number): void {
    this.dequeue(atNs);
    if (this.waiting === this.startsNs.length) {
      const longer = new Float64Array(this.waiting * 2);
      longer.set(this.pending());
      this.startsNs = longer;
      this.firstStart = 0;
    }
    this.startsNs[(this.firstStart + this.waiting++) & (this.startsNs.length - 1)] = startNs;
  }

  /** Forgets the requests whose turn has come. */
  private dequeue(atNs: number): void {
    const mask = this.startsNs.length - 1;
    while (this.waiting > 0 && this.startsNs[this.firstStart] <= atNs) {
      this.firstStart = (this.firstStart + 1) & mask;
      this.waiting--;
    }
  }

  /** The ring's entries in order. */
  private pending(): Float64Array {
    const mask = this.startsNs.length - 1;
    return Float64Array.from({ length: this.waiting }, (_, at) => this.startsNs[(this.firstStart + at) & mask]);
  }

  save(to: StateWriter): void {
    this.servers.save(to);
    to.array('disk queue', this.pending());
    to.numbers('disk busy', this.askedNs, this.broughtNs);
  }

  restore(from: StateReader): void {
    this.servers.restore(from);
    const pending = from.array('disk queue', Float64Array);
    let room = 64;
    while (room < pending.length) room *= 2;
    this.startsNs = new Float64Array(room);
    this.startsNs.set(pending);
    this.firstStart = 0;
    this.waiting = pending.length;
    [this.askedNs, this.broughtNs] = from.numbers('disk busy');
  }
}
