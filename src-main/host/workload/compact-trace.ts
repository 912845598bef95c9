/**
 * A recorded trace in the form that replays and guests run on: every reference is the dense number of its page, so that a
 * guest's page cache and a replay's tables are plain arrays. Made once per trace by the readers of `src-main/trace`.
 */
export interface CompactTrace {
  /** The page of each reference, in recorded order; numbers from 0 to `distinctPages − 1` in order of first reference. */
  readonly pages: Int32Array;
  /** When each reference happened, in µs since the trace's first event (whole numbers), or null where the format has no times. */
  readonly timesUs: Float64Array | null;
  /** 1 where the reference writes its page, or null where the trace has no writes. */
  readonly writes: Uint8Array | null;
  /** The guest (tenant) of each reference as recorded, or null where the trace has one guest. */
  readonly tenants: Uint16Array | null;
  readonly distinctPages: number;
  /** For each page: the dense number of its file (or volume, or object space) and its page index within it. */
  readonly fileOfPage: Int32Array;
  readonly indexOfPage: Uint32Array;
  /** For each file: a name a person can use ("dev 254:0 inode 3f808"). */
  readonly fileNames: readonly string[];
  /**
   * What its page held at each reference, as it was read or written, where the trace has hashes of it: equal contents have equal numbers,
   * from 1 in order of first appearance; 0 is unknown. For deduplication accounting.
   */
  readonly contents?: Int32Array | undefined;
  /**
   * For each content two words of its hash, the low one first, content 1 at index 0: a stand-in for its bytes that is the same in every
   * trace, so that equal pages of different guests are known. There with {@link contents}.
   */
  readonly contentHashes?: Uint32Array | undefined;
}
