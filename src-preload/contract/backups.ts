import * as v from 'valibot';
import { Count } from './numbers.ts';

/** Name of a file in the folder of the backups or beside the history: never a path. */
const FileName = v.pipe(
  v.string(),
  v.nonEmpty(),
  v.maxLength(255),
  v.check((name) => !/[/\\\0]/.test(name) && name !== '.' && name !== '..', 'It must be the name of a file.'),
);
const Sentence = v.pipe(v.string(), v.maxLength(2_000));

/** `backup`: a checked copy in the folder of the backups. `set-aside`: a history that another file took the place of. */
const KindSchema = v.picklist(['backup', 'set-aside']);

/** A file that can be put in the place of the history. */
export const BackupSchema = v.strictObject({
  name: FileName,
  kind: KindSchema,
  /** Where it is, for the person. */
  file: v.string(),
  /** Wall time at which it was made or set aside, ms since 1970. */
  madeAtMs: Count,
  bytes: Count,
  /** Rows of its audit, by the anchor beside it; null where there is none. */
  auditRows: v.nullable(Count),
  /** The last time it was looked through: a backup is when it is made. Null: never. */
  check: v.nullable(v.strictObject({ atMs: Count, sound: v.boolean(), sentence: Sentence })),
});
export type BackupFile = v.InferOutput<typeof BackupSchema>;

/** Which file is meant: looked up in the list, so that the window can name no other. */
const ChoiceSchema = v.strictObject({ kind: KindSchema, name: FileName });
export type BackupChoice = v.InferOutput<typeof ChoiceSchema>;

/** How much a history holds. */
const ExtentSchema = v.strictObject({
  runs: Count,
  /** Recorded host seconds of all runs. */
  seconds: Count,
  /** Admin actions. */
  actions: Count,
  /** Wall time of what was recorded last; null where nothing was. */
  lastWallMs: v.nullable(Count),
});
export type HistoryExtent = v.InferOutput<typeof ExtentSchema>;

/** What putting a file in place would do. */
const ConsequencesSchema = v.strictObject({
  chosen: ExtentSchema,
  /** Null where no history is in place, or it cannot be read. */
  present: v.nullable(ExtentSchema),
  /** What the history in place has and the chosen file has not: it is set aside, not deleted. */
  setAside: ExtentSchema,
  /** What the chosen file has and the history in place has not: it comes back. */
  broughtBack: ExtentSchema,
  /** Both come from one history. */
  sameHistory: v.boolean(),
});
export type Consequences = v.InferOutput<typeof ConsequencesSchema>;

/** Why the console has no history and waits for a decision. */
const RecoverySchema = v.strictObject({
  kind: v.picklist(['damaged', 'missing']),
  /** What is wrong, in a whole sentence. */
  sentence: Sentence,
  /** The damaged file where it is now; null where nothing was set aside. */
  setAside: v.nullable(v.string()),
  /** The newest backup that passed its check; null: there is none. */
  backup: v.nullable(BackupSchema),
  /** Backups that were looked through and are damaged too. */
  damagedBackups: Count,
});
export type Recovery = v.InferOutput<typeof RecoverySchema>;

const Nothing = v.strictObject({});

export const BACKUP_REQUESTS = {
  /** All backups and files set aside, newest first, and how the schedule stands. */
  'backups.list': {
    argument: Nothing,
    answer: v.strictObject({
      folder: v.string(),
      files: v.array(BackupSchema),
      /** What is under way. */
      busy: v.nullable(v.picklist(['backup', 'check', 'restore'])),
      /** Part of the copying that is done, from 0 to 1. */
      part: v.pipe(v.number(), v.minValue(0), v.maxValue(1)),
      /** Wall time of the next scheduled backup; null: none is scheduled. */
      nextAtMs: v.nullable(Count),
      /** Why the last scheduled backup failed; null: it did not. */
      lastFailure: v.nullable(v.strictObject({ atMs: Count, message: Sentence, remedy: v.nullable(Sentence) })),
    }),
  },
  /** Makes one now. Fails with `file-unwritable`, `history-damaged`, `history-locked` (one is under way). */
  'backups.make': { argument: Nothing, answer: v.strictObject({ made: BackupSchema, removed: v.array(FileName) }) },
  /** Looks through one again. Damage is an answer, not a failure. */
  'backups.check': { argument: ChoiceSchema, answer: BackupSchema },
  /** What {@link BACKUP_REQUESTS}['backups.restore'] would do. Fails with `history-damaged` for a file that cannot be read. */
  'backups.consequences': { argument: ChoiceSchema, answer: ConsequencesSchema },
  /**
   * Ends the run, puts the file in the place of the history, and starts the host again. What stood there is set aside
   * under `setAside`: restoring that file undoes this one.
   */
  'backups.restore': {
    argument: ChoiceSchema,
    answer: v.strictObject({ setAside: v.nullable(FileName), findings: v.array(Sentence) }),
  },
  /** Why there is no history, or null where there is one. */
  'recovery.state': { argument: Nothing, answer: v.strictObject({ recovery: v.nullable(RecoverySchema) }) },
  /** Begins a new history where there is none. */
  'recovery.beginNew': { argument: Nothing, answer: Nothing },
  /** Starts a host that has ended or could not start, once what kept it from running is put right. */
  'host.restart': { argument: Nothing, answer: Nothing },
} as const;
