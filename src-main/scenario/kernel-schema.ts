import * as v from 'valibot';
import type { ContentConfig, KernelConfig } from '../host/guest/kernel-config.ts';
import { mibToPages } from '#contract/units.ts';
import { Fraction, Mib, oneOf, whole } from './fields.ts';

/** How a guest's kernel manages its memory; what is not given is as in Linux, but for the page cache (plain LRU). */
export const KernelSchema = v.strictObject({
  cache: v.optional(
    v.pipe(
      oneOf(['lru', 'two-list']),
      v.description('Plain LRU over all pages, or the active and inactive lists of Linux with refault distance.'),
    ),
  ),
  swapMiB: v.optional(v.pipe(Mib, v.description('Size of the swap device; 0: none.'))),
  swapClusterLog2: v.optional(v.pipe(whole(0, 8), v.description('vm.page-cluster.'))),
  swappiness: v.optional(v.pipe(whole(0, 200), v.description('vm.swappiness.'))),
  dirtyBackgroundRatio: v.optional(v.pipe(Fraction, v.description('vm.dirty_background_ratio as a part of 1.'))),
  dirtyRatio: v.optional(v.pipe(Fraction, v.description('vm.dirty_ratio as a part of 1.'))),
  writebackS: v.optional(v.pipe(whole(1, 3_600), v.description('vm.dirty_writeback_centisecs in seconds.'))),
  dirtyExpireS: v.optional(v.pipe(whole(1, 3_600), v.description('vm.dirty_expire_centisecs in seconds.'))),
});

/** The kernel as the model wants it: only what the file gives. */
export function kernelOf(kernel: v.InferOutput<typeof KernelSchema>): Partial<KernelConfig> {
  const { swapMiB, dirtyBackgroundRatio, dirtyRatio, ...same } = kernel;
  const given = Object.fromEntries(Object.entries(same).filter(([, value]) => value !== undefined));
  return {
    ...(given as Partial<KernelConfig>),
    ...(swapMiB === undefined ? {} : { swapPages: mibToPages(swapMiB) }),
    ...(dirtyBackgroundRatio === undefined ? {} : { dirtyBackgroundPermille: Math.round(dirtyBackgroundRatio * 1000) }),
    ...(dirtyRatio === undefined ? {} : { dirtyPermille: Math.round(dirtyRatio * 1000) }),
  };
}

/** Parts of the pages by how well they compress. What is left of 1 does not compress. */
const ClassesSchema = v.pipe(
  v.strictObject({
    dense: v.optional(v.pipe(Fraction, v.description('Pages at the lower end of the ratios of a compressor.')), 0),
    loose: v.optional(v.pipe(Fraction, v.description('Pages at the upper end.')), 0),
    zero: v.optional(v.pipe(Fraction, v.description('Pages of zeros.')), 0),
  }),
  v.check(({ dense, loose, zero }) => dense + loose + zero <= 1 + 1e-9, 'The parts together are more than 1.'),
);
type Classes = v.InferOutput<typeof ClassesSchema>;

/** What a guest's pages hold, for the accounts of compression and deduplication. */
export const ContentSchema = v.strictObject({
  file: v.optional(ClassesSchema, {}),
  anon: v.optional(ClassesSchema, {}),
  imageMiB: v.optional(v.pipe(Mib, v.description('The first file pages, up to here, are those of a system image.')), 0),
  image: v.optional(
    v.pipe(whole(0, 4_095), v.description('Guests with the same image hold equal pages in it until they write them.')),
    0,
  ),
});

/** The content as the model wants it. */
export function contentOf(content: v.InferOutput<typeof ContentSchema>): ContentConfig {
  return {
    filePermille: permilleOf(content.file),
    anonPermille: permilleOf(content.anon),
    imagePages: mibToPages(content.imageMiB),
    image: content.image,
  };
}

function permilleOf({ dense, loose, zero }: Classes): [number, number, number, number] {
  const parts = [dense, loose, zero].map((part) => Math.round(part * 1000));
  const [denseP = 0, looseP = 0, zeroP = 0] = parts;
  return [Math.max(0, 1000 - denseP - looseP - zeroP), denseP, looseP, zeroP];
}
