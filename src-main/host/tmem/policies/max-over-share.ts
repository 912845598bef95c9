import { type EvictionPolicy, GLOBAL_OLDEST, type Holdings, type PolicySettings } from './policy.ts';

/** Most clients that are looked at one by one. */
const SCANNED = 8;

/**
 * max-over-share, with idle tax.
 *
 *   charge of client i:  (1000·e_i − τ·u_i) / w_i      e pages held, u = min(e, pages used effectively), τ in ‰
 *   on pressure: evict the oldest page of the client with the largest charge.
 *   weight 0 among others: goes first, the largest holder before the rest. All weights 0: all weights equal.
 *   ties: the lower client number. Clients that hold nothing are no candidates.
 *
 * The charge is DESIGN's e·t/w, t = f + k(1 − f), k = 1/(1 − τ), f = u/e, times 1000·(1 − τ). Charges are compared
 * exactly: as quotients, whose rounding never turns an order round, and where these are equal by cross-multiplying, below
 * 2^53 for up to 2^37 / 1000 pages a client (512 GiB) with weights to 65,535.
 *
 * Up to {@link SCANNED} clients are looked at one by one, which costs nothing between decisions. Above, a winner tree over
 * the clients makes a decision O(log clients); changes are queued and played up the tree when the next decision is due, so
 * that a client that gets a page and puts one costs one replay of its path.
 */
class MaxOverShare implements EvictionPolicy {
  readonly name = 'max-over-share';
  watches = false;
  private readonly holdings: Holdings;
  private readonly taxPermille: number;
  /** Leaves of the tree, a power of two; client c is leaf `leaves + c`, its parent `(leaves + c) >> 1`, the root 1. */
  private leaves = 0;
  private winner = new Int32Array(0);
  /** Of each client: its charge times its weight, and the charge, rounded; infinite at weight 0 among others. */
  private numerator = new Float64Array(0);
  private charge = new Float64Array(0);
  private queued = new Uint8Array(0);
  private queue = new Int32Array(0);
  private queueLength = 0;
  private anyWeight = false;

  constructor(holdings: Holdings, settings: PolicySettings) {
    this.holdings = holdings;
    this.taxPermille = settings.idleTaxPermille;
    this.rebuild();
  }

  victim(_requester: number): number {
    const { holdings } = this;
    if (holdings.clientSlots <= SCANNED) return this.scan();
    if (holdings.clientSlots > this.leaves || holdings.totalWeight > 0 !== this.anyWeight) {
      this.rebuild();
    } else {
      for (let i = 0; i < this.queueLength; i++) {
        const client = this.queue[i];
        this.queued[client] = 0;
        this.enter(client);
        for (let node = (this.leaves + client) >> 1; node >= 1; node >>= 1) {
          const before = this.winner[node];
          this.play(node);
          // Where somebody else wins as before, nothing further up can change.
          if (this.winner[node] === before && before !== client) break;
        }
      }
      this.queueLength = 0;
    }
    return this.winner[1];
  }

  changed(client: number): void {
    // A client beyond the leaves needs no entry: the tree is rebuilt at the next decision.
    if (client < this.leaves && this.queued[client] === 0) {
      this.queued[client] = 1;
      this.queue[this.queueLength++] = client;
    }
  }

  rebuild(): void {
    const { clientSlots, totalWeight } = this.holdings;
    this.watches = clientSlots > SCANNED;
    if (!this.watches) return;
    if (clientSlots > this.leaves || this.leaves === 0) {
      this.leaves = 2;
      while (this.leaves < clientSlots) this.leaves *= 2;
      this.winner = new Int32Array(2 * this.leaves);
      this.numerator = new Float64Array(this.leaves);
      this.charge = new Float64Array(this.leaves);
      this.queued = new Uint8Array(this.leaves);
      this.queue = new Int32Array(this.leaves);
    }
    this.queued.fill(0);
    this.queueLength = 0;
    this.anyWeight = totalWeight > 0;
    for (let client = 0; client < this.leaves; client++) {
      if (client < clientSlots) this.enter(client);
      else this.winner[this.leaves + client] = GLOBAL_OLDEST;
    }
    for (let node = this.leaves - 1; node >= 1; node--) this.play(node);
  }

  /** Looks at every client. */
  private scan(): number {
    const { clientSlots, ephemeralPages, usedPages, weights, totalWeight } = this.holdings;
    const { taxPermille } = this;
    let victim = GLOBAL_OLDEST;
    let worst = 0;
    let worstWeight = 1;
    for (let client = 0; client < clientSlots; client++) {
      const held = ephemeralPages[client];
      if (held <= 0) continue;
      const used = usedPages[client];
      const numerator = 1000 * held - taxPermille * (used < held ? used : held);
      const weight = totalWeight > 0 ? weights[client] : 1;
      const isWorse =
        weight === 0 && worstWeight === 0 ? held > ephemeralPages[victim] : numerator * worstWeight > worst * weight;
      if (!isWorse) continue;
      victim = client;
      worst = numerator;
      worstWeight = weight;
    }
    return victim;
  }

  /** Puts a client's present charge at its leaf; a client that holds nothing leaves the leaf empty. */
  private enter(client: number): void {
    const held = this.holdings.ephemeralPages[client];
    if (held <= 0) {
      this.winner[this.leaves + client] = GLOBAL_OLDEST;
      return;
    }
    const used = this.holdings.usedPages[client];
    const numerator = 1000 * held - this.taxPermille * (used < held ? used : held);
    this.numerator[client] = numerator;
    this.charge[client] = this.anyWeight ? numerator / this.holdings.weights[client] : numerator;
    this.winner[this.leaves + client] = client;
  }

  /** Decides one node from its two children; the left child has the lower client numbers and wins ties. */
  private play(node: number): void {
    const left = this.winner[2 * node];
    const right = this.winner[2 * node + 1];
    if (left < 0 || right < 0) {
      this.winner[node] = left < 0 ? right : left;
      return;
    }
    const ofLeft = this.charge[left];
    const ofRight = this.charge[right];
    const rightWins = ofLeft === ofRight ? this.isCharged(right, left) : ofRight > ofLeft;
    this.winner[node] = rightWins ? right : left;
  }

  /** Whether client a is to lose a page strictly before client b, whose rounded charge is the same. */
  private isCharged(a: number, b: number): boolean {
    if (!this.anyWeight) return false;
    const weightOfA = this.holdings.weights[a];
    const weightOfB = this.holdings.weights[b];
    if (weightOfA === 0) return this.holdings.ephemeralPages[a] > this.holdings.ephemeralPages[b];
    return this.numerator[a] * weightOfB > this.numerator[b] * weightOfA;
  }
}

/** Makes the policy described at {@link MaxOverShare}. */
export function maxOverShare(holdings: Holdings, settings: PolicySettings): EvictionPolicy {
  return new MaxOverShare(holdings, settings);
}
