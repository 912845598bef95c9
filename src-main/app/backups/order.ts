import * as v from 'valibot';
import { FailureSchema } from '#contract/errors.ts';
import { BACKUP_REQUESTS } from '#contract/backups.ts';
import { Count } from '#contract/numbers.ts';

const Path = v.pipe(v.string(), v.nonEmpty());
const FoundBackup = v.strictObject({ file: Path, madeAtMs: Count });

/** What a thread is started for; each does one thing. */
export const OrderSchema = v.variant('kind', [
  v.strictObject({ kind: v.literal('make'), databaseFile: Path, folder: Path }),
  v.strictObject({ kind: v.literal('check'), file: Path }),
  v.strictObject({ kind: v.literal('compare'), file: Path, databaseFile: Path }),
  v.strictObject({ kind: v.literal('restore'), file: Path, databaseFile: Path, appVersion: v.string() }),
  v.strictObject({ kind: v.literal('set-aside'), databaseFile: Path }),
  v.strictObject({ kind: v.literal('newest-good'), databaseFile: Path, folder: Path }),
]);
export type Order = v.InferOutput<typeof OrderSchema>;

/** What comes of each. */
export const RESULTS = {
  make: v.strictObject({ ...FoundBackup.entries, bytes: Count, auditRows: Count, removed: v.array(Path) }),
  /** What is wrong with the file, first things first. */
  check: v.strictObject({ wrongs: v.array(v.string()) }),
  compare: BACKUP_REQUESTS['backups.consequences'].answer,
  restore: v.strictObject({ setAside: v.nullable(Path), findings: v.array(v.string()) }),
  'set-aside': v.strictObject({ file: Path }),
  'newest-good': v.strictObject({ backup: v.nullable(FoundBackup), damaged: Count }),
} as const;
export type OrderKind = keyof typeof RESULTS;
export type Result<K extends OrderKind> = v.InferOutput<(typeof RESULTS)[K]>;

/** Message from the thread. */
export const NewsSchema = v.variant('kind', [
  v.strictObject({ kind: v.literal('progress'), part: v.pipe(v.number(), v.minValue(0), v.maxValue(1)) }),
  v.strictObject({ kind: v.literal('done'), result: v.unknown() }),
  v.strictObject({ kind: v.literal('failed'), failure: FailureSchema }),
]);
export type News = v.InferOutput<typeof NewsSchema>;
