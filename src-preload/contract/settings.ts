import * as v from 'valibot';
import { SpeedSchema } from './model.ts';

/** Longest age that can be set, in days: ten years. */
export const AGE_DAYS_MAX = 3_650;
/** Least and greatest size of the history that can be set, in MiB. */
export const SIZE_MIB_MIN = 64;
export const SIZE_MIB_MAX = 1_048_576;
/** Least and greatest time between two scheduled backups, in minutes: five minutes, a week. */
export const BACKUP_MINUTES_MIN = 5;
export const BACKUP_MINUTES_MAX = 10_080;

const whole = (least: number, greatest: number, what: string) => {
  const sentence = `Type a whole number of ${what} from ${least.toLocaleString('en-GB')} to ${greatest.toLocaleString('en-GB')}.`;
  return v.pipe(v.number(sentence), v.integer(sentence), v.minValue(least, sentence), v.maxValue(greatest, sentence));
};
const AgeDays = whole(1, AGE_DAYS_MAX, 'days');

/** How long what is kept. Days are of host time. The days' figures, runs, events and the audit stay for ever. */
export const RetentionSettingsSchema = v.pipe(
  v.strictObject({
    /** Samples and evictions by the second. */
    secondsDays: AgeDays,
    /** Figures by 10 s, by the minute and by the hour; not less than the finer one's. */
    tensDays: AgeDays,
    minutesDays: AgeDays,
    hoursDays: AgeDays,
    /** Size of the history without its checkpoints. */
    sizeMib: whole(SIZE_MIB_MIN, SIZE_MIB_MAX, 'MiB'),
  }),
  v.forward(
    v.check(({ secondsDays, tensDays }) => secondsDays <= tensDays, 'It must be kept as long as the finer samples.'),
    ['tensDays'],
  ),
  v.forward(
    v.check(({ tensDays, minutesDays }) => tensDays <= minutesDays, 'It must be kept as long as the finer figures.'),
    ['minutesDays'],
  ),
  v.forward(
    v.check(({ minutesDays, hoursDays }) => minutesDays <= hoursDays, 'It must be kept as long as the finer figures.'),
    ['hoursDays'],
  ),
);
export type RetentionSettings = v.InferOutput<typeof RetentionSettingsSchema>;

export const BackupSettingsSchema = v.strictObject({
  scheduled: v.boolean(),
  /** Between two scheduled backups while the console runs. */
  everyMinutes: whole(BACKUP_MINUTES_MIN, BACKUP_MINUTES_MAX, 'minutes'),
  /** Where to; null: the folder `backups` beside the history. */
  folder: v.nullable(
    v.pipe(v.string(), v.nonEmpty('Choose a folder.'), v.maxLength(1_000, 'The path is longer than 1,000 characters.')),
  ),
});

export const THEMES = ['system', 'light', 'dark'] as const;
export const CONTRASTS = ['system', 'more', 'normal'] as const;
export const MOTIONS = ['system', 'reduced', 'full'] as const;
/** How memory is written: MiB everywhere, GiB from 1,024 MiB on, or 4 KiB pages. */
export const MEMORY_UNITS = ['mib', 'gib', 'pages'] as const;

export const AppearanceSchema = v.strictObject({
  theme: v.picklist(THEMES),
  contrast: v.picklist(CONTRASTS),
  motion: v.picklist(MOTIONS),
  memoryUnit: v.picklist(MEMORY_UNITS),
});
export type Appearance = v.InferOutput<typeof AppearanceSchema>;

/** What a person may set. It lives in a file of its own beside the history. */
export const SettingsSchema = v.strictObject({
  retention: RetentionSettingsSchema,
  backups: BackupSettingsSchema,
  appearance: AppearanceSchema,
  /** Speed of the host when the console starts. */
  startSpeed: SpeedSchema,
});
export type Settings = v.InferOutput<typeof SettingsSchema>;

export const DEFAULT_SETTINGS: Settings = {
  retention: { secondsDays: 7, tensDays: 30, minutesDays: 180, hoursDays: 1_095, sizeMib: 2_048 },
  backups: { scheduled: true, everyMinutes: 60, folder: null },
  appearance: { theme: 'system', contrast: 'system', motion: 'system', memoryUnit: 'mib' },
  startSpeed: '1x',
};

export const SETTINGS_REQUESTS = {
  'settings.get': {
    argument: v.strictObject({}),
    answer: v.strictObject({
      settings: SettingsSchema,
      /** Where backups go while no folder is chosen. */
      defaultBackupFolder: v.string(),
      /** Set where the file of the settings could not be read: a sentence for the person. The defaults hold then. */
      notice: v.nullable(v.string()),
    }),
  },
  /** Keeps all settings, or none. Fails with `bad-setting` (the folder cannot be used) or `file-unwritable`. */
  'settings.save': {
    argument: v.strictObject({ settings: SettingsSchema }),
    answer: v.strictObject({ settings: SettingsSchema }),
  },
  /** Asks the person for a folder; null when they chose none. */
  'settings.chooseFolder': { argument: v.strictObject({}), answer: v.strictObject({ folder: v.nullable(v.string()) }) },
} as const;
