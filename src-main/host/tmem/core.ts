import { ClientTable } from './clients.ts';
import { IdleUse } from './idle-use.ts';
import { Memory } from './memory.ts';
import { ObjectTable } from './objects.ts';
import type { ContentSink } from './content-sink.ts';
import type { EvictionSink, StoreOptions } from './options.ts';
import { Packing } from './packing.ts';
import { PageTable } from './page-table.ts';
import { POLICIES, type PolicyName } from './policies/index.ts';
import type { EvictionPolicy } from './policies/policy.ts';
import { PoolTable } from './pools.ts';
import { RadixNodes } from './radix-nodes.ts';

/** Xen's global counters (TMEM-SEMANTICS 7, G record). Names of the record in brackets. */
export class GlobalCounters {
  /** Operations of guests (Tt), and those of them with a result below 0 (Te). */
  operations = 0;
  errors = 0;
  /** Data pages that could not be had (Pf). */
  pagesFailed = 0;
  /** Pages evicted (Et) and evictions tried (Ea). */
  evicted = 0;
  evictAttempts = 0;
  /** Pages relinquished to the heap (Rt), attempts (Ra), most evictions in one (Rx). */
  relinquished = 0;
  relinquishAttempts = 0;
  maxEvictionsPerRelinquish = 0;
  /** Most ephemeral pages ever (Em). */
  ephemeralMax = 0;
  /** Most objects (Om), page descriptors (Pm) and data pages (Fm) ever. */
  objectsMax = 0;
  descriptorsMax = 0;
  framesMax = 0;
  /** Radix nodes now and most ever (Nc, Nm). */
  nodes = 0;
  nodesMax = 0;
  /** New ephemeral pages accepted (Ep). */
  goodEphemeralPuts = 0;
}

/** The parts of a store, which the operations in the files beside this one work on. */
export class StoreCore {
  readonly options: StoreOptions;
  /** Conformance mode: reproduce Xen's quirks. */
  readonly quirks: boolean;
  readonly initialWeight: number;
  readonly sink: EvictionSink | null;
  readonly contentSink: ContentSink | null;
  readonly pages: PageTable;
  readonly objects = new ObjectTable();
  readonly pools = new PoolTable();
  readonly clients = new ClientTable();
  readonly memory: Memory;
  /** Null where each page takes a page of memory. */
  readonly packing: Packing | null;
  /** Null where they are not counted. */
  readonly nodes: RadixNodes | null;
  readonly idleUse: IdleUse;
  readonly counters = new GlobalCounters();
  policy: EvictionPolicy;
  policyName: PolicyName;
  idleTaxPermille: number;
  ephemeralLimit: number;
  sharedAuthGlobal = false;
  /** Sentinel of the global list of ephemeral pages. */
  globalHead: number;
  /** The object whose put is running: its pages can't be evicted meanwhile (conformance mode). */
  lockedObject = 0;
  nowMs = 0;
  /** The page that the last successful get read; its content stays readable until the next put. */
  pageRead = 0;

  constructor(options: StoreOptions) {
    this.options = options;
    this.quirks = options.mode === 'conformance';
    this.initialWeight = options.initialWeight ?? (this.quirks ? 0 : 100);
    this.sink = options.sink ?? null;
    this.contentSink = options.contentSink ?? null;
    this.pages = new PageTable(options.expectedPages ?? 1024);
    this.memory = new Memory(options.heapPages, options.reservePages ?? 0);
    if (this.quirks && options.packing !== undefined) {
      throw new Error('A store in conformance mode cannot pack its pages by content.');
    }
    this.packing = options.packing === undefined ? null : new Packing(options.packing);
    this.nodes = this.quirks || options.countRadixNodes === true ? new RadixNodes() : null;
    this.idleUse = new IdleUse(options.useWindowSeconds ?? 10);
    this.policyName = options.policy;
    this.idleTaxPermille = options.idleTaxPermille ?? 0;
    this.ephemeralLimit = options.ephemeralLimitPages ?? Infinity;
    this.policy = POLICIES[this.policyName](this.clients, { idleTaxPermille: this.idleTaxPermille });
    this.globalHead = this.pages.addSentinel();
  }

  setPolicy(policy: PolicyName, idleTaxPermille: number): void {
    this.policyName = policy;
    this.idleTaxPermille = idleTaxPermille;
    this.policy = POLICIES[policy](this.clients, { idleTaxPermille });
  }
}
