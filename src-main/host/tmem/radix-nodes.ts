import type { StateReader, StateWriter } from '../state.ts';
import { OBJECT_LAYOUT } from './layout.ts';

const { OBJECT_WORDS } = OBJECT_LAYOUT;

/**
 * How many nodes Xen's radix trees (64-way, one tree an object, leaves at the bottom) would have: the counters Nc and Nm.
 * The store finds its pages otherwise; this only counts, and only in conformance mode.
 *
 * Nodes of an object: 0 if it holds index 0 alone or nothing; else with h the least height such that 64^h exceeds the
 * highest index, the sum over the levels 1 … h of the different prefixes index >> 6·level (TMEM-SEMANTICS 1).
 */

const LEVELS = 6;
/** Words of a node record: chain, object, level, prefix, children. */
const NODE_WORDS = 5;
const N_OBJECT = 1;
const N_LEVEL = 2;
const N_PREFIX = 3;
const N_CHILDREN = 4;
/** Words kept for each object: whether index 0 is there; pages; prefixes at levels 1 to 6; nodes. */
const SHAPE_WORDS = 9;
const S_PAGES = 1;
const S_NODES = 8;

export class RadixNodes {
  private nodes: Int32Array = new Int32Array(64 * NODE_WORDS);
  private buckets: Int32Array = new Int32Array(64);
  private shapes: Int32Array = new Int32Array(64 * SHAPE_WORDS);
  private count = 0;
  private top = NODE_WORDS;
  private freeHead = 0;

  /** A page enters an object's tree. @returns nodes that the tree gains */
  insert(object: number, index: number): number {
    const shape = this.shapeOf(object);
    const { shapes } = this;
    if (index === 0) shapes[shape] = 1;
    shapes[shape + S_PAGES]++;
    for (let level = 1; level <= LEVELS; level++) {
      const prefix = prefixAt(index, level);
      const node = this.find(object, level, prefix);
      if (node !== 0) {
        this.nodes[node + N_CHILDREN]++;
        break;
      }
      this.add(object, level, prefix);
      shapes[shape + S_PAGES + level]++;
    }
    return this.recount(object, shape);
  }

  /** A page leaves an object's tree. @returns nodes that the tree loses, as a number ≤ 0 */
  remove(object: number, index: number): number {
    const shape = this.shapeOf(object);
    const { shapes } = this;
    if (index === 0) shapes[shape] = 0;
    shapes[shape + S_PAGES]--;
    for (let level = 1; level <= LEVELS; level++) {
      const node = this.find(object, level, prefixAt(index, level));
      if (--this.nodes[node + N_CHILDREN] > 0) break;
      this.removeNode(node);
      shapes[shape + S_PAGES + level]--;
    }
    return this.recount(object, shape);
  }

  save(to: StateWriter): void {
    to.array('radix nodes', this.nodes, this.top);
    to.array('radix node buckets', this.buckets);
    to.array('radix tree shapes', this.shapes);
    to.numbers('radix node table', this.count, this.freeHead);
  }

  restore(from: StateReader): void {
    this.nodes = from.array('radix nodes', Int32Array).slice();
    this.buckets = from.array('radix node buckets', Int32Array).slice();
    this.shapes = from.array('radix tree shapes', Int32Array).slice();
    this.top = this.nodes.length;
    [this.count = 0, this.freeHead = 0] = from.numbers('radix node table');
  }

  private recount(object: number, shape: number): number {
    const { shapes } = this;
    let nodes = 0;
    const onlyIndexZero = shapes[shape + S_PAGES] === 1 && shapes[shape] === 1;
    if (shapes[shape + S_PAGES] > 0 && !onlyIndexZero) {
      for (let level = 1; level <= LEVELS; level++) {
        nodes += shapes[shape + S_PAGES + level];
        if (shapes[shape + S_PAGES + level] === 1 && this.find(object, level, 0) !== 0) break;
      }
    }
    const change = nodes - shapes[shape + S_NODES];
    shapes[shape + S_NODES] = nodes;
    return change;
  }

  private shapeOf(object: number): number {
    const shape = (object / OBJECT_WORDS) * SHAPE_WORDS;
    if (shape + SHAPE_WORDS > this.shapes.length) {
      const longer = new Int32Array(Math.max(this.shapes.length * 2, shape + SHAPE_WORDS));
      longer.set(this.shapes);
      this.shapes = longer;
    }
    return shape;
  }

  private find(object: number, level: number, prefix: number): number {
    const { nodes } = this;
    let node = this.buckets[this.bucketOf(object, level, prefix)];
    while (
      node !== 0 &&
      (nodes[node + N_PREFIX] !== prefix || nodes[node + N_LEVEL] !== level || nodes[node + N_OBJECT] !== object)
    ) {
      node = nodes[node];
    }
    return node;
  }

  private add(object: number, level: number, prefix: number): void {
    if (this.count >= this.buckets.length) this.growBuckets();
    let node = this.freeHead;
    if (node !== 0) {
      this.freeHead = this.nodes[node];
    } else {
      node = this.top;
      this.top += NODE_WORDS;
      if (this.top > this.nodes.length) {
        const longer = new Int32Array(this.nodes.length * 2);
        longer.set(this.nodes);
        this.nodes = longer;
      }
    }
    this.nodes[node + N_OBJECT] = object;
    this.nodes[node + N_LEVEL] = level;
    this.nodes[node + N_PREFIX] = prefix;
    this.nodes[node + N_CHILDREN] = 1;
    this.chain(node);
    this.count++;
  }

  private chain(node: number): void {
    const { nodes, buckets } = this;
    const bucket = this.bucketOf(nodes[node + N_OBJECT], nodes[node + N_LEVEL], nodes[node + N_PREFIX]);
    nodes[node] = buckets[bucket];
    buckets[bucket] = node;
  }

  private removeNode(node: number): void {
    const { nodes, buckets } = this;
    const bucket = this.bucketOf(nodes[node + N_OBJECT], nodes[node + N_LEVEL], nodes[node + N_PREFIX]);
    let at = buckets[bucket];
    if (at === node) {
      buckets[bucket] = nodes[node];
    } else {
      let before = at;
      while ((at = nodes[before]) !== node) before = at;
      nodes[before] = nodes[node];
    }
    nodes[node + N_OBJECT] = 0;
    nodes[node] = this.freeHead;
    this.freeHead = node;
    this.count--;
  }

  private bucketOf(object: number, level: number, prefix: number): number {
    let hash = Math.imul(object, 0x9e3779b1) ^ Math.imul(prefix * 8 + level, 0x85ebca6b);
    hash ^= hash >>> 15;
    return Math.imul(hash, 0x2c1b3c6d) & (this.buckets.length - 1);
  }

  private growBuckets(): void {
    this.buckets = new Int32Array(this.buckets.length * 2);
    for (let node = NODE_WORDS; node < this.top; node += NODE_WORDS) {
      if (this.nodes[node + N_OBJECT] !== 0) this.chain(node);
    }
  }
}

/** The prefix of an index (a signed 32-bit number) at a level of the tree, as a whole number from 0. */
function prefixAt(index: number, level: number): number {
  return level >= LEVELS ? 0 : index >>> (6 * level);
}
