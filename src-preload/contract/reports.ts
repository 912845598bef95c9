import * as v from 'valibot';
import { ActionSchema, CHANGE_KINDS, ClockEventSchema, PolicySchema, SourceSchema } from './model.ts';
import { AxisRangeSchema, AxisSecond, Count, GuestId, HostMs, Name, RunId } from './numbers.ts';
import type { GuestColumn, HostColumn } from './samples.ts';
import { EVICTION_REASONS, GAUGE_COLUMNS, GUEST_COLUMNS, HOST_COLUMNS } from './samples.ts';
import { GUESTS_MAX } from './units.ts';

/** Columns of a sample that are values at the end of a second. */
export type GuestGauge =
  | 'ramPages'
  | 'targetPages'
  | 'weight'
  | 'ephemeralPages'
  | 'persistentPages'
  | 'usedPages'
  | 'anonPages'
  | 'dirtyPages'
  | 'swapPages'
  | 'preswapDuplicates'
  | 'compressedPages'
  | 'sharedPages';
export type HostGauge =
  | 'totalPages'
  | 'reservedPages'
  | 'guestPages'
  | 'ephemeralPages'
  | 'persistentPages'
  | 'fallowPages'
  | 'diskQueue'
  | 'compressedPages'
  | 'sharedPages';
/** Columns that count what happened within a second. */
export type GuestCount = Exclude<GuestColumn, GuestGauge>;
export type HostCount = Exclude<HostColumn, HostGauge>;

const isGauge = (column: GuestColumn | HostColumn): boolean => GAUGE_COLUMNS.has(column);
const isCount = (column: GuestColumn | HostColumn): boolean => !GAUGE_COLUMNS.has(column);
/** The same, in the order of the samples. */
export const GUEST_GAUGES = GUEST_COLUMNS.filter(isGauge) as readonly GuestGauge[];
export const GUEST_COUNTS = GUEST_COLUMNS.filter(isCount) as readonly GuestCount[];
export const HOST_GAUGES = HOST_COLUMNS.filter(isGauge) as readonly HostGauge[];
export const HOST_COUNTS = HOST_COLUMNS.filter(isCount) as readonly HostCount[];

/** One schema under each of some names. */
function each<K extends string, S>(names: readonly K[], schema: S): Record<K, S> {
  return Object.fromEntries(names.map((name) => [name, schema])) as Record<K, S>;
}

const Mean = v.pipe(v.number(), v.finite(), v.minValue(0));
/** A part of one. */
const Part = v.pipe(v.number(), v.minValue(0), v.maxValue(1));

/** Null where the range has imported seconds, whose source does not tell it. */
const Known = { Count: v.nullable(Count), Mean: v.nullable(Mean) };
/** A gauge over the recorded seconds of a range, in the unit of its name. */
const GaugeSchema = v.strictObject({ min: Known.Count, mean: Known.Mean, max: Known.Count, last: Known.Count });
export type GaugeFigures = v.InferOutput<typeof GaugeSchema>;
/** A count over the recorded seconds of a range. */
const CountSchema = v.strictObject({ total: Known.Count, meanPerSecond: Known.Mean, maxPerSecond: Known.Count });
export type CountFigures = v.InferOutput<typeof CountSchema>;

const GuestFiguresSchema = v.strictObject({
  /** Its number in the last run of the range that has it. */
  guestId: GuestId,
  name: Name,
  workload: v.string(),
  runIds: v.array(RunId),
  recordedSeconds: Count,
  /** Mean of its ephemeral pages as a part of the pool's; null while nobody held any. */
  ephemeralSharePart: v.nullable(Part),
  /** Precache gets that found their page; null where none was asked. */
  precacheHitPart: v.nullable(Part),
  gauges: v.strictObject(each(GUEST_GAUGES, GaugeSchema)),
  counts: v.strictObject(each(GUEST_COUNTS, CountSchema)),
});
export type GuestFigures = v.InferOutput<typeof GuestFiguresSchema>;

const PoolFiguresSchema = v.strictObject({
  recordedSeconds: Count,
  gauges: v.strictObject(each(HOST_GAUGES, GaugeSchema)),
  counts: v.strictObject(each(HOST_COUNTS, CountSchema)),
});
export type PoolFigures = v.InferOutput<typeof PoolFiguresSchema>;

/** An end of the range: on the axis of all runs, and as a person knows it. */
const PlaceSchema = v.strictObject({
  axisSecond: AxisSecond,
  runId: RunId,
  hostMs: HostMs,
  wallMs: v.nullable(Count),
});
export type ReportPlace = v.InferOutput<typeof PlaceSchema>;

/** A stretch that was read with one resolution: 1 s are the samples themselves. The end is not included. */
const ReadSchema = v.strictObject({
  runId: RunId,
  resolutionSeconds: v.picklist([1, 10, 60, 3_600, 86_400]),
  fromAxisSecond: AxisSecond,
  toAxisSecond: AxisSecond,
});
export type ReportRead = v.InferOutput<typeof ReadSchema>;

const ReportRunSchema = v.strictObject({
  runId: RunId,
  source: SourceSchema,
  policy: PolicySchema,
  idleTaxPermille: Count,
  idleTaxWindowSeconds: Count,
  totalPages: Count,
  reservedPages: Count,
  axisStartSecond: AxisSecond,
  recordedSeconds: Count,
  startedAtWallMs: Count,
  end: v.picklist(['running', 'stopped', 'crashed']),
  appVersion: v.string(),
});
export type ReportRun = v.InferOutput<typeof ReportRunSchema>;

const EvictionCellSchema = v.strictObject({
  victim: Name,
  /** "host" for the host itself. */
  beneficiary: Name,
  reason: v.picklist(EVICTION_REASONS),
  pages: Count,
});
export type EvictionCell = v.InferOutput<typeof EvictionCellSchema>;

/** What became of an action: `committed` is on the disk and not confirmed by the host yet. */
const OutcomeSchema = v.picklist(['applied', 'not-applied', 'committed']);
export type ActionOutcome = v.InferOutput<typeof OutcomeSchema>;

const FIGURES = {
  format: v.literal('tmem-console report 1'),
  madeAtWallMs: Count,
  historyId: v.string(),
  range: v.strictObject({ from: PlaceSchema, to: PlaceSchema }),
  /** Names of the guests that were asked for; empty: all. */
  guestsAskedFor: v.array(Name),
  pageBytes: Count,
  /** Host seconds of the range that are recorded. */
  recordedSeconds: Count,
  /** Host seconds of the range within runs that are not: gaps, or what retention has removed. */
  missingSeconds: Count,
  samplesRead: v.array(ReadSchema),
  evictionsRead: v.array(ReadSchema),
  runs: v.array(ReportRunSchema),
  /** Null where nothing was recorded. */
  pool: v.nullable(PoolFiguresSchema),
  guests: v.array(GuestFiguresSchema),
  evictions: v.strictObject({ pages: Count, cells: v.array(EvictionCellSchema) }),
  actionCount: Count,
  clockEventCount: Count,
  /** The anchor of the audit: keep it, and a cut-off tail shows. */
  audit: v.strictObject({ rows: Count, headHash: v.string() }),
  versions: v.record(v.string(), v.string()),
};

/** The figures of a report, without its lists: what the window shows before anything is saved. */
export const ReportFiguresSchema = v.strictObject(FIGURES);
export type ReportFigures = v.InferOutput<typeof ReportFiguresSchema>;

/** A whole report, as its JSON form has it. `resources/schemas/report.schema.json` is the same for others. */
export const ReportSchema = v.strictObject({
  ...FIGURES,
  /** Oldest first; the oldest are left out where there are more than fit (`actionCount` says how many there are). */
  actions: v.array(v.strictObject({ outcome: OutcomeSchema, action: ActionSchema })),
  clockEvents: v.array(ClockEventSchema),
});
export type Report = v.InferOutput<typeof ReportSchema>;

export const REPORT_FORMATS = ['html', 'json', 'csv'] as const;
const FormatSchema = v.picklist(REPORT_FORMATS);
export type ReportFormat = v.InferOutput<typeof FormatSchema>;

const GuestNames = v.pipe(v.array(Name), v.maxLength(GUESTS_MAX));
/** What a report is of; null: all recorded time. No guest named: all. */
const SubjectSchema = v.strictObject({ range: v.nullable(AxisRangeSchema), guests: GuestNames });
export type ReportSubject = v.InferOutput<typeof SubjectSchema>;

/** How far the making of a report is; `idle` when none is made. */
const ProgressSchema = v.strictObject({
  stage: v.picklist(['idle', 'choosing', 'reading', 'writing']),
  part: Part,
});
export type ReportProgress = v.InferOutput<typeof ProgressSchema>;

export const REPORT_REQUESTS = {
  /** The figures of a report. Fails with `bad-range` where the history has no run in the range. */
  'report.preview': { argument: SubjectSchema, answer: ReportFiguresSchema },
  /**
   * Asks the person where to, and saves a report there; `file` is null when they chose nothing. CSV makes a folder with a
   * file for each table. Fails with `file-unwritable` and leaves nothing half written.
   */
  'report.save': {
    argument: v.strictObject({ ...SubjectSchema.entries, format: FormatSchema }),
    answer: v.strictObject({ file: v.nullable(v.string()), bytes: Count }),
  },
  /** Gives up the report that is being saved: its saving fails as `cancelled`, and nothing is left of it. */
  'report.cancel': { argument: v.strictObject({}), answer: v.strictObject({}) },
  'report.progress': { argument: v.strictObject({}), answer: ProgressSchema },
} as const;

/** A row of the audit, as it stands. */
const AuditRowSchema = v.strictObject({
  action: ActionSchema,
  outcome: OutcomeSchema,
  hash: v.string(),
  /** The row that sets it back, the newest where there are several; null: none does. */
  undoneBy: v.nullable(Count),
});
export type AuditRow = v.InferOutput<typeof AuditRowSchema>;

const FindingSchema = v.strictObject({
  kind: v.picklist(['altered', 'removed', 'inserted', 'cut-off', 'other-history', 'unguarded']),
  fromId: v.nullable(Count),
  toId: v.nullable(Count),
  sentence: v.string(),
});
export type AuditFinding = v.InferOutput<typeof FindingSchema>;

/**
 * What is kept outside the database so that a cut-off tail shows: how long the audit was, and the hash of its last row.
 */
export const AuditAnchorSchema = v.strictObject({
  format: v.literal('tmem-console audit anchor 1'),
  databaseId: v.pipe(v.string(), v.nonEmpty()),
  /** Rows in the audit: the number of the last one. */
  rows: Count,
  /** Hash of that row; of an empty audit, the beginning of its chain. */
  headHash: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
  /** Wall time of the anchor, ms since 1970. */
  madeAtMs: Count,
});
export type AuditAnchor = v.InferOutput<typeof AuditAnchorSchema>;

/** How far an audit went: its rows, and the hash of the last one. */
const HeadSchema = v.strictObject({ databaseId: v.string(), rows: Count, headHash: v.string() });
/** One time at which a file took the place of the history. */
const RestorationSchema = v.strictObject({
  id: Count,
  wallMs: Count,
  /** Version of the program that did it. */
  appVersion: v.string(),
  /** The file that was put in place. */
  backup: v.string(),
  /** Where the file went whose place it took; null: there was none. */
  setAside: v.nullable(v.string()),
  /** The audit of the file that was set aside; null: there was none, or it could not be read. */
  former: v.nullable(HeadSchema),
  /** The audit as the file had it: what the present one is anchored to. */
  restored: HeadSchema,
});
export type ShownRestoration = v.InferOutput<typeof RestorationSchema>;

export const AUDIT_REQUESTS = {
  /** The times at which a file took the place of the history, newest first. Those that were tampered with are told by verifying. */
  'history.restorations': {
    argument: v.strictObject({}),
    answer: v.strictObject({ restorations: v.array(RestorationSchema) }),
  },
  /** Rows of the audit, newest first, below the row `before` where that is given. An empty filter means all. */
  'history.audit': {
    argument: v.strictObject({
      guests: GuestNames,
      kinds: v.pipe(v.array(v.picklist(CHANGE_KINDS)), v.maxLength(CHANGE_KINDS.length)),
      before: v.nullable(Count),
      limit: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(500)),
    }),
    answer: v.strictObject({
      rows: v.array(AuditRowSchema),
      more: v.boolean(),
      /** Rows under the filter, and all. */
      matching: Count,
      total: Count,
      /** Names of all guests that have rows. */
      guests: v.array(Name),
    }),
  },
  /** Walks the whole hash chain, and compares its end with an anchor where one is given. `shown` are at most 100 of the findings. */
  'history.verifyAudit': {
    argument: v.strictObject({ anchor: v.optional(AuditAnchorSchema) }),
    answer: v.strictObject({
      sound: v.boolean(),
      rows: Count,
      headHash: v.string(),
      historyId: v.string(),
      checkedAtWallMs: Count,
      findings: Count,
      shown: v.array(FindingSchema),
    }),
  },
} as const;
export type AuditVerification = v.InferOutput<(typeof AUDIT_REQUESTS)['history.verifyAudit']['answer']>;
