/** How a guest's kernel manages its memory. Defaults are those of Linux ({@link DEFAULT_KERNEL}), but for the page cache. */
export interface KernelConfig {
  /**
   * `lru`: all pages, of files and anonymous, in one order of their last use. With reads alone it is what the curves and
   * replays of what-if assume. `two-list`: Linux' active and inactive lists, with refault distance (see `TwoListOrder`).
   */
  readonly cache: 'lru' | 'two-list';
  /** Slots of the swap device, 0: no swap. A page in preswap has a slot too, as in Linux. */
  readonly swapPages: number;
  /** Linux' vm.page-cluster: pages are swapped out and read ahead in groups of up to 2 to the power of this, 0 to 8. */
  readonly swapClusterLog2: number;
  /** Linux' vm.swappiness, 0 to 200 (`two-list` only): how willingly anonymous pages are taken instead of pages of files. */
  readonly swappiness: number;
  /** Linux' vm.dirty_background_ratio and vm.dirty_ratio, in thousandths of the memory that can hold pages of files. */
  readonly dirtyBackgroundPermille: number;
  readonly dirtyPermille: number;
  /** Linux' vm.dirty_writeback_centisecs and vm.dirty_expire_centisecs, in whole host seconds, 1 or more. */
  readonly writebackS: number;
  readonly dirtyExpireS: number;
}

export const DEFAULT_KERNEL: KernelConfig = {
  cache: 'lru',
  swapPages: 0,
  swapClusterLog2: 3,
  swappiness: 60,
  dirtyBackgroundPermille: 100,
  dirtyPermille: 200,
  writebackS: 5,
  dirtyExpireS: 30,
};

/**
 * What a guest's pages hold, for compression and deduplication. Where they are only accounted for, it changes no decision of
 * the model. Contents that a trace records count instead of what is said here of files, but for how well they compress.
 */
export interface ContentConfig {
  /**
   * Of a thousand pages, how many compress how well, in the order of `CONTENT_CLASSES` (incompressible, dense, loose,
   * zero); the four add up to 1,000. Which page is of which class is a hash of its number.
   */
  readonly filePermille: readonly [number, number, number, number];
  readonly anonPermille: readonly [number, number, number, number];
  /** File pages with lower numbers than this are those of a system image until they are written; 0: none. */
  readonly imagePages: number;
  /** Guests with the same image number (0 to 4,095) hold equal pages in it. */
  readonly image: number;
}
