/**
 * What an eviction policy sees and answers. The same policy objects decide in the live store and in replays: whoever
 * owns the {@link Holdings} changes the numbers in place and tells the policy which client changed.
 */

/** {@link EvictionPolicy.victim}: evict the oldest ephemeral page of all. */
export const GLOBAL_OLDEST = -1;

/** A requester that is no client: the host itself (Xen: dom0), or a domain that never made a tmem call. */
export const NO_CLIENT = -1;

/**
 * Who holds what: struct of arrays by client number. Arrays may be replaced by longer ones, so read them through this
 * object each time. A number without a client has 0 in every array.
 */
export interface Holdings {
  /** Clients have numbers from 0 to `clientSlots − 1`. */
  clientSlots: number;
  /** Ephemeral pages of each client as Xen counts them: in conformance mode its phantoms included (may be negative). */
  ephemeralPages: Int32Array;
  /** Weight of each client: a whole number, 0 to 65,535 (Xen: to 2^32 − 1). */
  weights: Float64Array;
  /** Pages each client used effectively of late, before the cap at what it holds ({@link IdleUse} keeps it). */
  usedPages: Int32Array;
  /** Sum of all ephemeral pages. */
  totalEphemeralPages: number;
  /** Sum of all weights as Xen keeps it: in conformance mode weights of dead clients stay in it. */
  totalWeight: number;
}

/** Chooses who loses a page. Deterministic, O(1) or O(log clients) a decision, allocates nothing per call. */
export interface EvictionPolicy {
  /** The name in scenarios, command lines and checkpoints. */
  readonly name: string;
  /**
   * Whose oldest page goes, judged by the counts before the put or allocation that needs the page.
   * @param requester the client whose put or allocation is running, or {@link NO_CLIENT}
   * @returns a client number, or {@link GLOBAL_OLDEST}
   */
  victim(requester: number): number;
  /** Whether it is to be told of changes; the others need not be called for every page. */
  readonly watches: boolean;
  /** The ephemeral pages, used pages or weight of this client changed, or it came or went. Cheap: may be called per page. */
  changed(client: number): void;
  /** Everything may have changed (restored from a snapshot, idle-use tick). */
  rebuild(): void;
}

/** What policies can be told besides the holdings. */
export interface PolicySettings {
  /** Idle tax τ in thousandths, 0 (none) to 999; only `max-over-share` uses it. */
  readonly idleTaxPermille: number;
}

/** Makes a policy that decides over these holdings for as long as it lives. */
export type PolicyFactory = (holdings: Holdings, settings: PolicySettings) => EvictionPolicy;
