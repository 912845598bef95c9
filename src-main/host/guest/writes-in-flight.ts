import type { StateReader, StateWriter } from '../state.ts';

/** Requests that a guest may have in flight to its disks (Linux' nr_requests); the next one waits for the oldest. */
const MOST = 128;
const NS_PER_S = 1_000_000_000;
/** Stands for a request of swap, whose pages have left the guest's RAM already. */
export const SWAP_REQUEST = -1;

/**
 * The writes of a guest that its disks have not done yet, in the order in which they were asked for; that is also the
 * order in which they are noticed to be done. Times are ns since the current host second began.
 */
export class WritesInFlight {
  /** By place in the ring: first page (file pages) or {@link SWAP_REQUEST}, number of pages, when it is done. */
  private readonly firstPage = new Int32Array(MOST);
  private readonly pages = new Int32Array(MOST);
  private readonly doneNs = new Float64Array(MOST);
  private first = 0;
  private newestDoneNs = 0;
  count = 0;

  get isFull(): boolean {
    return this.count === MOST;
  }

  /** When the oldest is done; call only if there is one. */
  get oldestDoneNs(): number {
    return this.doneNs[this.first];
  }
  get oldestFirstPage(): number {
    return this.firstPage[this.first];
  }
  get oldestPages(): number {
    return this.pages[this.first];
  }

  push(firstPage: number, pages: number, doneNs: number): void {
    const at = (this.first + this.count++) % MOST;
    this.newestDoneNs = Math.max(this.newestDoneNs, doneNs);
    this.firstPage[at] = firstPage;
    this.pages[at] = pages;
    this.doneNs[at] = this.newestDoneNs;
  }

  /** Takes the oldest out. */
  shift(): void {
    this.first = (this.first + 1) % MOST;
    this.count--;
  }

  endSecond(): void {
    this.newestDoneNs = Math.max(0, this.newestDoneNs - NS_PER_S);
    for (let at = 0; at < this.count; at++) this.doneNs[(this.first + at) % MOST] -= NS_PER_S;
  }

  save(to: StateWriter): void {
    const inOrder = Float64Array.from({ length: 3 * this.count }, (_, at) => {
      const place = (this.first + Math.floor(at / 3)) % MOST;
      return [this.firstPage, this.pages, this.doneNs][at % 3][place];
    });
    to.array('writes in flight', inOrder);
    to.numbers('newest write', this.newestDoneNs);
  }

  restore(from: StateReader): void {
    const inOrder = from.array('writes in flight', Float64Array);
    this.first = 0;
    this.count = inOrder.length / 3;
    for (let at = 0; at < this.count; at++) {
      this.firstPage[at] = inOrder[3 * at];
      this.pages[at] = inOrder[3 * at + 1];
      this.doneNs[at] = inOrder[3 * at + 2];
    }
    [this.newestDoneNs] = from.numbers('newest write');
  }
}
