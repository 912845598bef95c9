import type { Machine } from './machine.ts';

const NS_PER_S = 1_000_000_000;

/**
 * The time that an operation of a guest takes. All that it needs of disks and cores it asks for at its beginning; it is
 * done when the last disk it waits for is, and its CPU work, which cannot overlap with them, has been done too.
 *
 * Times are ns since the current host second began; completions may lie in later ones.
 */
export class OperationTime {
  /** When the operation (or the step of the balloon) began: when its requests arrive. */
  startNs = 0;
  /** Until when it has to wait for disks, so far. */
  untilNs = 0;
  /** CPU work of tmem for it, so far. */
  cpuNs = 0;
  /** CPU work of this second, and what of earlier ones does not make up whole µs. */
  cpuSumNs = 0;
  /** Waiting time in this second, and what lies beyond its end. */
  stalledNs = 0;
  private stallLeftNs = 0;
  private readonly machine: Machine;

  constructor(machine: Machine) {
    this.machine = machine;
  }

  begin(atNs: number): void {
    this.startNs = atNs;
    this.untilNs = atNs;
    this.cpuNs = 0;
  }

  /** The operation cannot be done before this time. */
  waitUntil(ns: number): void {
    if (ns > this.untilNs) this.untilNs = ns;
  }

  /** Ends an operation that its workload waits for. @returns when it is done */
  complete(): number {
    const doneNs = this.settle();
    if (doneNs > this.startNs) {
      const withinNs = Math.min(doneNs, NS_PER_S) - this.startNs;
      this.stalledNs += withinNs;
      this.stallLeftNs = doneNs - this.startNs - withinNs;
    }
    return doneNs;
  }

  /** Ends work that nobody waits for. @returns when it is done */
  settle(): number {
    const { cpuNs } = this;
    if (cpuNs === 0) return this.untilNs;
    this.cpuSumNs += cpuNs;
    const { cores } = this.machine;
    const doneNs = Math.max(this.startNs, cores.firstFreeNs) + cpuNs;
    cores.occupy(doneNs);
    return this.untilNs + doneNs - this.startNs;
  }

  /** Ends the host second, after its sample was taken. */
  endSecond(): void {
    this.cpuSumNs %= 1000;
    this.stalledNs = Math.min(NS_PER_S, this.stallLeftNs);
    this.stallLeftNs -= this.stalledNs;
  }

  /** The numbers to save. */
  state(): readonly number[] {
    return [this.cpuSumNs, this.stalledNs, this.stallLeftNs];
  }

  setState([cpuSumNs = 0, stalledNs = 0, stallLeftNs = 0]: ArrayLike<number> & Iterable<number>): void {
    this.cpuSumNs = cpuSumNs;
    this.stalledNs = stalledNs;
    this.stallLeftNs = stallLeftNs;
  }
}
