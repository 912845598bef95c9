import type { Recording } from './recording.ts';
import type { Slices } from './slices.ts';
import type { HostStart } from './start-state.ts';

/** Distance of a reference to a page that is not in the stack: more than any size. */
export const COLD = 0x7fff_ffff;
/** Slots looked at one by one before the tree is asked: most references are to pages used just before. */
const NEAR_SLOTS = 12;
const LOOK_EVERY = 65_536;

/**
 * LRU stack of the pages of one guest, and how deep in it a page is found (Mattson et al., IBM Systems Journal 9, 1970):
 * an LRU cache of n pages hits exactly the references of distance ≤ n.
 *
 * Each use takes the next slot of a timeline; a Fenwick tree counts the slots that are still the last use of their page,
 * so a distance is a prefix sum, O(log distinct pages). When the timeline is full it is closed up.
 */
export class DistanceStack {
  /** Pages in the stack. */
  depth = 0;
  private readonly slotOf: Int32Array;
  private readonly pageAt: Int32Array;
  /** Fenwick tree over slots 1 … slots: 1 where the slot is the last use of its page. */
  private readonly tree: Int32Array;
  private readonly slots: number;
  private top = 0;

  /** @param distinctPages pages are 0 … distinctPages − 1 */
  constructor(distinctPages: number) {
    let slots = 64;
    while (slots < 2 * distinctPages) slots *= 2;
    this.slots = slots;
    this.slotOf = new Int32Array(distinctPages);
    this.pageAt = new Int32Array(slots + 1);
    this.tree = new Int32Array(slots + 1);
  }

  /** The distance of the page, 1 = used last of all, or {@link COLD}; it is then the page used last. */
  use(page: number): number {
    const { slotOf, tree, slots } = this;
    const slot = slotOf[page];
    if (slot !== 0 && slot === this.top) return 1;
    let distance = COLD;
    if (slot === 0) {
      this.depth++;
    } else {
      distance = this.distanceOf(slot);
      for (let node = slot; node <= slots; node += node & -node) tree[node]--;
      slotOf[page] = 0;
    }
    if (this.top === slots) this.closeUp();
    const next = ++this.top;
    slotOf[page] = next;
    this.pageAt[next] = page;
    for (let node = next; node <= slots; node += node & -node) tree[node]++;
    return distance;
  }

  private distanceOf(slot: number): number {
    const { slotOf, pageAt, tree, top } = this;
    if (top - slot < NEAR_SLOTS) {
      let distance = 1;
      for (let at = slot + 1; at <= top; at++) if (slotOf[pageAt[at]] === at) distance++;
      return distance;
    }
    let below = 0;
    for (let node = slot - 1; node > 0; node -= node & -node) below += tree[node];
    return this.depth - below;
  }

  /** Moves the last uses to the front of the timeline; at least half of it is free afterwards. */
  private closeUp(): void {
    const { slotOf, pageAt, tree, slots } = this;
    let top = 0;
    for (let slot = 1; slot <= this.top; slot++) {
      const page = pageAt[slot];
      if (slotOf[page] !== slot) continue;
      pageAt[++top] = page;
      slotOf[page] = top;
    }
    this.top = top;
    for (let node = 1; node <= slots; node++) {
      // A node covers the slots (node − lowest bit, node].
      const from = node - (node & -node);
      tree[node] = Math.max(0, Math.min(node, top) - Math.min(from, top));
    }
  }
}

/** The stack of a guest at the start: what it has stored, then what it has cached, each from the page used longest ago. */
export function stackAt(guest: HostStart['guests'][number]): DistanceStack {
  const stack = new DistanceStack(guest.distinctPages);
  for (const page of guest.storedPages) stack.use(page);
  for (const page of guest.cachedPages) stack.use(page);
  return stack;
}

/** Each reference's distance in the stack of its guest. */
export async function distancesOf(start: HostStart, recording: Recording, slices: Slices): Promise<Int32Array> {
  const stacks = start.guests.map(stackAt);
  const { guestOf, pages } = recording;
  const distances = new Int32Array(pages.length);
  for (let at = 0; at < pages.length; at++) {
    distances[at] = stacks[guestOf[at]].use(pages[at]);
    if (at % LOOK_EVERY === 0 && slices.isDue()) await slices.turn(at / pages.length);
  }
  return distances;
}
