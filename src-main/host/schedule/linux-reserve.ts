const KIB_PER_PAGE = 4;

/**
 * Pages a Linux kernel keeps back for itself (`totalreserve_pages`), from the RAM it booted with: the high watermark,
 * 3/2 of `min_free_kbytes`, which is 4·√(RAM in KiB), within 128 and 65,536 KiB (`mm/page_alloc.c`,
 * `init_per_zone_wmark_min`, `setup_per_zone_wmarks`, kernels up to 4.5). Simplified to one memory zone: a kernel with
 * several adds what its lower zones keep back from the higher ones.
 */
export function linuxTotalReservePages(ramPages: number): number {
  const minFreeKib = Math.min(Math.max(Math.floor(4 * Math.sqrt(ramPages * KIB_PER_PAGE)), 128), 65_536);
  const minPages = Math.floor(minFreeKib / KIB_PER_PAGE);
  return minPages + Math.floor(minPages / 2);
}
