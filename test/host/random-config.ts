import fc from 'fast-check';
import { CPU_CLASSES, DISK_CLASSES } from '#main/host/costs.ts';
import { type GuestConfig, type HostConfig, NO_PACE, NO_TRACE } from '#main/host/host-config.ts';
import type { Random } from '#main/host/random.ts';
import type { CompactTrace } from '#main/host/workload/compact-trace.ts';
import type { WorkloadConfig } from '#main/host/workload/create-workload.ts';
import { MixedWorkload } from './mixed-workload.ts';
import { traceOf } from './trace-of.ts';

/** Small generated workloads of all kinds. */
const tempo = { accessesPerS: 400 };
const files = { kind: 'zipf-files', files: 12, pagesPerFile: 8, alpha: 0.9, writePermille: 300, ...tempo } as const;
const database = {
  kind: 'database',
  tablePages: 90,
  hotPages: 20,
  hotPermille: 700,
  updatePermille: 300,
  ...tempo,
} as const;
const usemem = { kind: 'usemem', maxPages: 90, holdMs: 500, pauseMs: 300, ...tempo } as const;
const programs: readonly WorkloadConfig[] = [
  files,
  database,
  usemem,
  { kind: 'scan', pages: 150, ...tempo },
  { kind: 'compile', units: 5, headers: 10, headersPerUnit: 5, anonPagesPerUnit: 40, imagePages: 30, unitMs: 300 },
  { kind: 'together', works: [files, usemem] },
  { kind: 'on-off', work: database, onMs: 700, offMs: 400 },
  {
    kind: 'phases',
    phases: [
      { ms: 900, work: usemem },
      { ms: 500, work: files },
    ],
  },
  { kind: 'day-night', work: database, dayMs: 2_400 },
];

/** A trace of three rounds over so many pages: a third of its references write, and hold one of five contents or an unknown one. */
function recorded(filePages: number, known: 'nothing' | 'writes' | 'writes and contents'): CompactTrace {
  const pages = Array.from({ length: 3 * filePages }, (_, at) => (at * 7) % filePages);
  const writes = Uint8Array.from(pages, (_, at) => (at % 3 === 0 ? 1 : 0));
  if (known === 'nothing') return traceOf(pages);
  if (known === 'writes') return traceOf(pages, { writes });
  const contentHashes = Uint32Array.from({ length: 10 }, (_, word) => Math.imul(word + 1, 0x9e37_79b1) >>> 0);
  return traceOf(pages, { writes, contents: Int32Array.from(pages, (_, at) => (at * at) % 6), contentHashes });
}

/** A small guest of any kind. */
const guest: fc.Arbitrary<Omit<GuestConfig, 'id' | 'name'>> = fc
  .record({
    kind: fc.constantFrom('trace', 'mixed', 'mixed', 'program'),
    program: fc.nat(programs.length - 1),
    filePages: fc.integer({ min: 8, max: 120 }),
    anonPages: fc.integer({ min: 1, max: 120 }),
    mix: fc.record({
      fileRead: fc.integer({ min: 1, max: 9 }),
      fileWrite: fc.nat(5),
      fileDrop: fc.nat(1),
      anonRead: fc.nat(9),
      anonWrite: fc.nat(9),
      anonFree: fc.nat(1),
    }),
    thinkNs: fc.constantFrom(200_000, 2_000_000),
    ramPages: fc.integer({ min: 1, max: 60 }),
    spare: fc.nat(60),
    weight: fc.constantFrom(0, 50, 100),
    capPages: fc.constantFrom(Infinity, 10),
    startMs: fc.constantFrom(0, 0, 0, 1_250),
    cache: fc.constantFrom('lru', 'two-list'),
    swapPages: fc.constantFrom(0, 30, 300),
    swapClusterLog2: fc.constantFrom(0, 3),
    precache: fc.constantFrom(true, true, false),
    preswap: fc.constantFrom(true, true, false),
    floorPages: fc.constantFrom(0, 20),
    ownContent: fc.boolean(),
    known: fc.constantFrom('nothing', 'writes', 'writes and contents'),
  })
  .map(
    ({
      kind,
      program,
      filePages,
      anonPages,
      mix,
      thinkNs,
      ramPages,
      spare,
      cache,
      swapPages,
      swapClusterLog2,
      ...rest
    }) => {
      const { known, ownContent, ...plain } = rest;
      const trace = recorded(filePages, known);
      return {
        ...plain,
        ramPages,
        minPages: Math.min(5, ramPages),
        maxPages: ramPages + spare,
        kernel: { cache, swapPages, swapClusterLog2, writebackS: 1, dirtyExpireS: 2 },
        ...(ownContent
          ? {
              content: {
                filePermille: [100, 400, 400, 100] as const,
                anonPermille: [100, 300, 300, 300] as const,
                imagePages: 40,
                image: 3,
              },
            }
          : {}),
        ...(kind === 'trace'
          ? { trace, pace: { ...NO_PACE, phases: [{ ms: 2_000, accessesPerS: 500 }] } }
          : {
              trace: NO_TRACE,
              pace: NO_PACE,
              workload: (kind === 'program' ? programs[program] : undefined) ?? {
                kind: 'made' as const,
                make: (random: Random) => new MixedWorkload(filePages, anonPages, mix, thinkNs, random),
              },
            }),
      };
    },
  );

/** A small host with guests of all kinds, short of memory, with costs or without. */
export const hostConfigs: fc.Arbitrary<HostConfig> = fc
  .record({
    seed: fc.nat(1_000_000),
    guests: fc.array(guest, { minLength: 1, maxLength: 4 }),
    fallow: fc.nat(150),
    policy: fc.constantFrom('fifo', 'max-over-share'),
    costs: fc.constantFrom(
      undefined,
      { cpu: CPU_CLASSES.modern, disks: [DISK_CLASSES.nvme] },
      { cpu: CPU_CLASSES.old, disks: [DISK_CLASSES['sata-ssd']] },
      { cpu: CPU_CLASSES.old, disks: [DISK_CLASSES.hdd] },
    ),
    content: fc.constantFrom(
      undefined,
      { compressor: 'lz4' as const, deduplicate: true },
      { compressor: 'zstd' as const, deduplicate: true, packs: true },
      { compressor: 'lzo' as const, deduplicate: false, packs: true },
    ),
    schedule: fc.constantFrom(
      [],
      [{ kind: 'static-shares' as const }],
      [{ kind: 'self-balloon' as const }, { kind: 'smart-alloc' as const }],
    ),
  })
  .map(({ guests, fallow, costs, content, ...rest }) => ({
    ...rest,
    ...(costs === undefined ? {} : { costs }),
    ...(content === undefined ? {} : { content }),
    totalPages: 10 + fallow + guests.reduce((sum, { ramPages }) => sum + ramPages, 0),
    reservedPages: 10,
    idleTaxPermille: 750,
    idleTaxWindowS: 10,
    balloonPagesPerS: 45,
    guests: guests.map((one, place) => ({ ...one, id: place + 1, name: `guest-${place + 1}` })),
  }));
