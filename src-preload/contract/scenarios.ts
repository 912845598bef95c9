import * as v from 'valibot';
import { VerdictSchema } from './claims.ts';
import { FailureSchema } from './errors.ts';
import { POLICIES, PolicySchema } from './model.ts';
import { Count, Name } from './numbers.ts';
import { GUEST_COLUMNS, HOST_COLUMNS } from './samples.ts';
import { GUESTS_MAX } from './units.ts';

/** Most points of a course that crosses the border. */
export const COURSE_POINTS_MAX = 120;

const Amount = v.pipe(v.number(), v.finite(), v.minValue(0));
const Sentence = v.pipe(v.string(), v.maxLength(2_000));
/** Name of a file within a folder that the console keeps: never a path. */
const FileName = v.pipe(v.string(), v.maxLength(255), v.regex(/^(?!\.)[^/\\\0]+$/, 'is no name of a file'));

/** A scenario by where it is from: shipped with the console, a person's own, or named when the console was started. */
export const ScenarioRefSchema = v.variant('origin', [
  v.strictObject({
    origin: v.picklist(['shipped', 'own']),
    file: v.pipe(FileName, v.regex(/\.json$/, 'is no JSON file')),
  }),
  v.strictObject({ origin: v.literal('named'), file: v.pipe(v.string(), v.nonEmpty(), v.maxLength(1_000)) }),
]);
export type ScenarioRef = v.InferOutput<typeof ScenarioRefSchema>;

/** What is claimed, and what the theory allows: both were written before any run. */
const ClaimSchema = v.strictObject({
  letter: v.pipe(v.string(), v.length(1)),
  sentence: Sentence,
  bound: Sentence,
  /** Runs that must be made to tell whether it holds; 0: the file does not say how it is measured. */
  runs: Count,
});

/** One of {@link TRIAL_VARIANTS}, or a variant that the file names. */
const VariantName = v.pipe(v.string(), v.regex(/^[a-z0-9][a-z0-9.-]{0,31}$/, 'is no name of a variant'));

const ScenarioGuestSchema = v.strictObject({
  name: Name,
  /** What it runs, in words. */
  workload: Sentence,
  ramPages: Count,
  maxPages: Count,
  weight: Count,
  /** Whether its kernel uses precache and preswap. */
  precache: v.boolean(),
  preswap: v.boolean(),
  /** File name of the trace that it plays. */
  trace: v.nullable(v.string()),
});

/** What a scenario file says, as far as a person chooses by it. Sizes in pages. */
export const ScenarioSummarySchema = v.strictObject({
  name: Name,
  about: v.nullable(Sentence),
  claim: v.nullable(ClaimSchema),
  /** Host seconds that a trial runs. */
  forS: Amount,
  seed: Count,
  totalPages: Count,
  reservedPages: Count,
  /** Most that precache of all guests may take; null: what is free. */
  poolLimitPages: v.nullable(Count),
  policy: PolicySchema,
  idleTaxPermille: Count,
  guests: v.pipe(v.array(ScenarioGuestSchema), v.maxLength(GUESTS_MAX)),
  /** Other runs of the same host that the file names. */
  variants: v.array(v.strictObject({ name: VariantName, title: Name })),
  /** Timed events. */
  events: Count,
  /** Traces that it names and that are nowhere: it can't run without them. */
  missingTraces: v.array(v.string()),
});
export type ScenarioSummary = v.InferOutput<typeof ScenarioSummarySchema>;

/** One scenario file: what it says, or why it cannot be read, with the JSON path of the place. */
export const ScenarioEntrySchema = v.strictObject({
  scenario: ScenarioRefSchema,
  summary: v.nullable(ScenarioSummarySchema),
  failure: v.nullable(FailureSchema),
});
export type ScenarioEntry = v.InferOutput<typeof ScenarioEntrySchema>;

const totals = <C extends string>(columns: readonly C[]) =>
  v.strictObject(Object.fromEntries(columns.map((column) => [column, Amount])) as Record<C, typeof Amount>);

/** How a trial of any scenario may differ from its file: not at all, no guest uses tmem, or another policy. */
export const TRIAL_VARIANTS = ['as-is', 'no-tmem', ...POLICIES] as const;

/** What a guest did in a trial: counts are sums over it, gauges the values at its end. */
const TriedGuestSchema = v.strictObject({
  name: Name,
  totals: totals(GUEST_COLUMNS),
  /** Most pages that it held in tmem at the end of any second, ephemeral and persistent together. */
  mostHeldPages: Amount,
  /** The same over the second half of the trial: a pool that fills up is full by then. */
  mostHeldLatePages: Amount,
  /** Those pages at evenly spaced seconds, at most {@link COURSE_POINTS_MAX}. */
  heldCourse: v.instance(Float64Array),
});
export type TriedGuest = v.InferOutput<typeof TriedGuestSchema>;

/** What came of a trial: the scenario run once from its beginning. */
export const TrialSchema = v.strictObject({
  scenario: Name,
  variant: VariantName,
  /** How it differs from the file, in words. */
  variantTitle: Name,
  seed: Count,
  policy: PolicySchema,
  idleTaxPermille: Count,
  /** Host seconds run, and wall ms that this took. */
  seconds: Count,
  wallMs: Amount,
  guests: v.pipe(v.array(TriedGuestSchema), v.maxLength(GUESTS_MAX)),
  host: v.strictObject({ totals: totals(HOST_COLUMNS), mostEphemeralPages: Amount, mostPersistentPages: Amount }),
});
export type Trial = v.InferOutput<typeof TrialSchema>;

/** What is known of a trace. */
export const TraceSummarySchema = v.strictObject({
  /** Format as the readers name it, and what it is. */
  format: v.string(),
  formatTitle: v.string(),
  /** Page references, and lines or records that they were read from. */
  references: Count,
  records: Count,
  /** Well-formed lines or records that are no references. */
  ignored: Count,
  distinctPages: Count,
  files: Count,
  /** µs from its first reference to its last; null: the format has no times. */
  spanUs: v.nullable(Amount),
  /** References that write; null: the format does not tell. */
  writes: v.nullable(Count),
  /** Recorded below the page cache of its guest: the hits of that cache are missing. */
  postCache: v.boolean(),
  /** Whole sentences for a person. */
  notes: v.array(v.string()),
});
export type TraceSummary = v.InferOutput<typeof TraceSummarySchema>;

export const TraceEntrySchema = v.strictObject({
  origin: v.picklist(['shipped', 'own']),
  /** As a scenario names it. */
  file: FileName,
  bytes: Count,
  summary: v.nullable(TraceSummarySchema),
  failure: v.nullable(FailureSchema),
});
export type TraceEntry = v.InferOutput<typeof TraceEntrySchema>;

const WorkId = v.pipe(v.number(), v.integer(), v.minValue(1));

/** How a piece of work stands that runs in a process of its own: a trial or an import. */
export const WorkStandingSchema = v.strictObject({
  id: WorkId,
  /** Rises with every change; see `work.watch`. */
  version: Count,
  phase: v.picklist(['waiting', 'running', 'done', 'failed', 'cancelled']),
  /** Part done, and wall ms that are left by the pace so far (null: not known yet). */
  part: v.pipe(v.number(), v.minValue(0), v.maxValue(1)),
  leftMs: v.nullable(Count),
  failure: v.nullable(FailureSchema),
});
export type WorkStanding = v.InferOutput<typeof WorkStandingSchema>;

const Nothing = v.strictObject({});

export const SCENARIO_REQUESTS = {
  /** The scenarios that ship, then a person's own, and the one that is the live host. */
  'scenarios.list': {
    argument: Nothing,
    answer: v.strictObject({
      scenarios: v.array(ScenarioEntrySchema),
      /** Where a person's own are kept. */
      ownFolder: v.string(),
      /** Where removed ones are kept. */
      removedFolder: v.string(),
      opened: ScenarioRefSchema,
      /** The one that was open before in this session: opening it undoes the last change. */
      former: v.nullable(ScenarioRefSchema),
    }),
  },
  /**
   * Asks the person for a scenario file, checks it and keeps a copy. Null where they chose none. Fails with `bad-scenario`,
   * `file-unwritable`: nothing is kept then.
   */
  'scenarios.add': { argument: Nothing, answer: v.strictObject({ added: v.nullable(ScenarioRefSchema) }) },
  /**
   * Ends the live run in order and begins a new run of this scenario in the same history. Fails with `bad-scenario`,
   * `bad-trace`: the former host goes on then.
   */
  'scenarios.open': {
    argument: v.strictObject({ scenario: ScenarioRefSchema }),
    answer: v.strictObject({ runId: Count, name: Name, seed: Count }),
  },
  /** Starts a trial, or lets it wait its turn. Fails with `bad-study` where too many wait. */
  'scenarios.try': {
    argument: v.strictObject({ scenario: ScenarioRefSchema, variant: VariantName }),
    answer: v.strictObject({ id: WorkId }),
  },
  /** Starts all runs that a scenario's claim is about, to tell whether it holds. Fails like a trial. */
  'scenarios.check': {
    argument: v.strictObject({ scenario: ScenarioRefSchema }),
    answer: v.strictObject({ id: WorkId }),
  },
  /**
   * Moves a scenario file of a person's own into the folder of removed ones; `removed` is what it is called there. Fails with
   * `in-use` for the live one, `file-unwritable`.
   */
  'scenarios.remove': {
    argument: v.strictObject({ file: FileName }),
    answer: v.strictObject({ removed: FileName }),
  },
  /** Moves it back. Fails with `in-use` where another has its name by now, `file-unwritable`. */
  'scenarios.putBack': {
    argument: v.strictObject({ removed: FileName }),
    answer: v.strictObject({ file: FileName }),
  },
  /** The traces that ship, then those that were imported. */
  'traces.list': {
    argument: Nothing,
    answer: v.strictObject({
      traces: v.array(TraceEntrySchema),
      ownFolder: v.string(),
      removedFolder: v.string(),
      /** The script that records a trace in a Linux guest. */
      recorderFile: v.string(),
      /** Formats that can be read. */
      formats: v.array(v.strictObject({ name: v.string(), title: v.string() })),
    }),
  },
  /**
   * Asks the person for a trace file and starts to import it. Null where they chose none.
   * `format`: one of those of `traces.list`; null: recognised by content.
   */
  'traces.import': {
    argument: v.strictObject({ format: v.nullable(v.pipe(v.string(), v.maxLength(64))) }),
    answer: v.strictObject({ id: v.nullable(WorkId), file: v.nullable(v.string()) }),
  },
  /** Moves an imported trace into the folder of removed ones. Fails with `in-use` where the live host plays it. */
  'traces.remove': {
    argument: v.strictObject({ file: FileName }),
    answer: v.strictObject({ removed: FileName }),
  },
  /** Moves it back, as `scenarios.putBack`. */
  'traces.putBack': {
    argument: v.strictObject({ removed: FileName }),
    answer: v.strictObject({ file: FileName }),
  },
  /** How a piece of work stands, as soon as that is another version than the one seen (0: at once), or after some seconds. */
  'work.watch': { argument: v.strictObject({ id: WorkId, seen: Count }), answer: WorkStandingSchema },
  /** What came of it; null while it is under way, or where nothing did. */
  'work.outcome': {
    argument: v.strictObject({ id: WorkId }),
    answer: v.strictObject({
      trial: v.nullable(TrialSchema),
      /** Of a check; its trial is the run of the file as it is. */
      verdict: v.nullable(VerdictSchema),
      trace: v.nullable(TraceEntrySchema),
    }),
  },
  /** Ends it and keeps nothing of it. What has ended stays as it is. */
  'work.cancel': { argument: v.strictObject({ id: WorkId }), answer: Nothing },
} as const;
