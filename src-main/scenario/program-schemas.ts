import * as v from 'valibot';
import { numberFrom, whole, YesNo } from './fields.ts';

const DAY_MS = 86_400_000;
const PAGES_MAX = 1 << 24;
const FILE_PAGES_MAX = 1 << 20;
const SCAN_PAGES_MAX = 1 << 28;

const optional = (least: number, most: number) => v.optional(whole(least, most));
const permille = () => optional(0, 1_000);
const Rate = v.pipe(
  numberFrom(0.001, 10_000_000),
  v.description('Accesses a host second if they took no time; the think time between them is 1 / this.'),
);
const Jitter = v.optional(
  v.pipe(whole(0, 1_000), v.description('Each think time is drawn evenly from mean × (1 ± this / 1000); 500.')),
);
const tempo = { accessesPerS: Rate, jitterPermille: Jitter };

/** Programs: what a guest can run that is not made of others. Sizes are in pages of 4 KiB. The model's files say more. */
export const PROGRAM_SCHEMAS = [
  v.strictObject({
    kind: v.literal('zipf-files'),
    ...tempo,
    files: whole(1, PAGES_MAX),
    pagesPerFile: whole(1, FILE_PAGES_MAX),
    alpha: v.pipe(numberFrom(0, 4), v.description('The k-th file is asked for in proportion to k^-alpha.')),
    requestPages: optional(1, FILE_PAGES_MAX),
    writePermille: permille(),
  }),
  v.strictObject({
    kind: v.literal('scan'),
    ...tempo,
    pages: whole(1, SCAN_PAGES_MAX),
    requestPages: optional(1, 65_536),
    passes: optional(0, 1_000_000_000),
    write: v.optional(YesNo),
  }),
  v.strictObject({
    kind: v.literal('database'),
    ...tempo,
    tablePages: whole(2, 1 << 27),
    hotPages: whole(1, (1 << 27) - 1),
    hotPermille: whole(0, 1_000),
    updatePermille: permille(),
    updatesPerLogPage: optional(1, 1_000_000),
    logPages: optional(1, PAGES_MAX),
    bufferPages: optional(0, PAGES_MAX),
    scanEveryMs: optional(0, DAY_MS),
    scanPages: optional(1, 1 << 27),
  }),
  v.strictObject({
    kind: v.literal('compile'),
    units: whole(1, 1_000_000),
    pagesPerSource: optional(1, 4_096),
    headers: optional(1, 1_000_000),
    pagesPerHeader: optional(1, 4_096),
    headersPerUnit: optional(0, 10_000),
    anonPagesPerUnit: optional(0, PAGES_MAX),
    pagesPerObject: optional(1, 4_096),
    imagePages: optional(1, FILE_PAGES_MAX),
    unitMs: v.optional(numberFrom(0.001, 3_600_000, 'of ms ')),
    jitterPermille: Jitter,
    passes: optional(0, 1_000_000_000),
  }),
  v.strictObject({
    kind: v.literal('usemem'),
    ...tempo,
    maxPages: whole(1, SCAN_PAGES_MAX),
    stepPages: optional(1, SCAN_PAGES_MAX),
    sweeps: optional(0, 1_000),
    writePermille: permille(),
    holdMs: optional(0, DAY_MS),
    pauseMs: optional(0, DAY_MS),
    cycles: optional(0, 1_000_000_000),
  }),
  v.strictObject({
    kind: v.literal('boot'),
    ...tempo,
    startMs: optional(0, DAY_MS),
    imagePages: whole(1, 1 << 26),
    pagesPerFile: optional(1, FILE_PAGES_MAX),
    residentPages: whole(0, PAGES_MAX),
    idle: v.strictObject({
      accessesPerS: Rate,
      filePages: whole(0, PAGES_MAX),
      anonPages: whole(0, PAGES_MAX),
      writePermille: permille(),
    }),
    rebootEveryMs: optional(0, DAY_MS),
  }),
  v.strictObject({
    kind: v.literal('idle'),
    ...tempo,
    filePages: optional(0, PAGES_MAX),
    anonPages: optional(0, PAGES_MAX),
    writePermille: permille(),
    jobEveryMs: optional(0, DAY_MS),
    jobPages: optional(1, 1 << 26),
    jobPagesPerS: v.optional(numberFrom(0.001, 10_000_000)),
  }),
] as const;
