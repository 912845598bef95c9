import { statSync } from 'node:fs';
import { basename } from 'node:path';
import type { BackupChoice, BackupFile, Consequences, Recovery } from '#contract/backups.ts';
import { ConsoleError } from '#contract/errors.ts';
import type { RequestAnswer } from '#contract/requests.ts';
import { anchorBeside } from '../../history/backup/backup.ts';
import { backupFolderOf, listBackups, listSetAside } from '../../history/backup/names.ts';
import type { TellError } from '../log.ts';
import type { BackupWorker } from './backup-worker.ts';
import { BackupSchedule } from './schedule.ts';

type List = RequestAnswer<'backups.list'>;

type BackupsOptions = {
  databaseFile: string;
  worker: Pick<BackupWorker, 'run' | 'stop'>;
  /** What the person has set; read anew each time. */
  plan: () => { scheduled: boolean; everyMinutes: number; folder: string | null };
  appVersion: string;
  onError: TellError;
  /** Wall time, ms since 1970. */
  now?: () => number;
};

const SOUND = 'SQLite found nothing wrong.';

/** The backups of the history: made by hand and by schedule, looked through, compared, and put back. One thing at a time. */
export class Backups {
  private readonly options: BackupsOptions;
  private readonly now: () => number;
  private readonly schedule: BackupSchedule;
  /** Later looks than the one at its making, by file, time and size. */
  private readonly checks = new Map<string, NonNullable<BackupFile['check']>>();
  private busy: List['busy'] = null;
  private part = 0;
  private lastFailure: List['lastFailure'] = null;

  constructor(options: BackupsOptions) {
    this.options = options;
    this.now = options.now ?? Date.now;
    this.schedule = new BackupSchedule({
      everyMinutes: () => {
        const { scheduled, everyMinutes } = options.plan();
        return scheduled ? everyMinutes : null;
      },
      newestAtMs: () => listBackups(options.databaseFile, this.folder)[0]?.madeAtMs ?? null,
      make: () => this.makeBySchedule(),
      now: this.now,
    });
  }

  /** Where backups go now. */
  get folder(): string {
    return this.options.plan().folder ?? backupFolderOf(this.options.databaseFile);
  }

  list(): List {
    return {
      folder: this.folder,
      files: this.files(),
      busy: this.busy,
      part: this.part,
      nextAtMs: this.schedule.nextAtMs,
      lastFailure: this.lastFailure,
    };
  }

  /** Begins to make backups by the schedule: there is a history. */
  startSchedule(): void {
    this.schedule.start();
  }

  stopSchedule(): void {
    this.schedule.stop();
  }

  /** The plan has changed. */
  replan(): void {
    this.schedule.plan();
  }

  /** @throws ConsoleError `file-unwritable`, `history-damaged`, `history-locked`, `host-not-ready`. */
  async make(): Promise<RequestAnswer<'backups.make'>> {
    const { databaseFile, worker } = this.options;
    const made = await this.alone('backup', () =>
      worker.run({ kind: 'make', databaseFile, folder: this.folder }, (part) => {
        this.part = part;
      }),
    );
    this.lastFailure = null;
    this.schedule.plan();
    const { file, madeAtMs, bytes, auditRows, removed } = made;
    return {
      made: { ...named('backup', file), madeAtMs, bytes, auditRows, check: whenMade(madeAtMs) },
      removed: removed.map((old) => basename(old)),
    };
  }

  /** Looks through one of the files again. */
  async check(choice: BackupChoice): Promise<BackupFile> {
    const found = this.find(choice);
    const { wrongs } = await this.alone('check', () => this.options.worker.run({ kind: 'check', file: found.file }));
    const sentence = (wrongs.length === 0 ? SOUND : wrongs.join('; ')).slice(0, 2_000);
    const check = { atMs: this.now(), sound: wrongs.length === 0, sentence };
    this.checks.set(keyOf(found), check);
    return { ...found, check };
  }

  /** What putting a file in place would do. */
  async consequences(choice: BackupChoice): Promise<Consequences> {
    const { databaseFile, worker } = this.options;
    return worker.run({ kind: 'compare', file: this.find(choice).file, databaseFile });
  }

  /**
   * Puts a file in the place of the history, while nobody has it open.
   * @throws ConsoleError where it cannot: what stood there stands there still.
   */
  async restore(
    choice: BackupChoice,
    whileStopped: <T>(work: () => Promise<T>) => Promise<T>,
  ): Promise<RequestAnswer<'backups.restore'>> {
    const { databaseFile, appVersion, worker } = this.options;
    const { file } = this.find(choice);
    const onProgress = (part: number): void => {
      this.part = part;
    };
    const restored = await this.alone('restore', () =>
      whileStopped(() => worker.run({ kind: 'restore', file, databaseFile, appVersion }, onProgress)),
    );
    const { setAside, findings } = restored;
    return {
      setAside: setAside === null ? null : basename(setAside),
      findings: findings.slice(0, 100).map((sentence) => sentence.slice(0, 2_000)),
    };
  }

  /** Sets a damaged history aside; answers where it is now. */
  async setAside(): Promise<string> {
    const { databaseFile, worker } = this.options;
    return (await worker.run({ kind: 'set-aside', databaseFile })).file;
  }

  /** The newest backup that passes its check, and how many newer ones do not. */
  async newestGood(): Promise<Pick<Recovery, 'backup' | 'damagedBackups'>> {
    const { databaseFile, worker } = this.options;
    const { backup, damaged } = await worker.run({ kind: 'newest-good', databaseFile, folder: this.folder });
    const listed = this.files().find(({ file }) => file === backup?.file) ?? null;
    const check = { atMs: this.now(), sound: true, sentence: SOUND };
    if (listed !== null) this.checks.set(keyOf(listed), check);
    return { backup: listed === null ? null : { ...listed, check }, damagedBackups: damaged };
  }

  async stop(): Promise<void> {
    this.schedule.stop();
    await this.options.worker.stop();
  }

  private files(): BackupFile[] {
    const { databaseFile } = this.options;
    const backups = listBackups(databaseFile, this.folder).flatMap(({ file, anchorFile, madeAtMs }) =>
      this.entry('backup', file, madeAtMs, anchorBeside(anchorFile)?.rows ?? null),
    );
    const aside = listSetAside(databaseFile).flatMap(({ file, madeAtMs }) =>
      this.entry('set-aside', file, madeAtMs, null),
    );
    return [...backups, ...aside].sort((a, b) => b.madeAtMs - a.madeAtMs);
  }

  private entry(kind: BackupFile['kind'], file: string, madeAtMs: number, auditRows: number | null): BackupFile[] {
    const bytes = statSync(file, { throwIfNoEntry: false })?.size;
    if (bytes === undefined) return [];
    const found = { ...named(kind, file), madeAtMs, bytes, auditRows };
    const check = this.checks.get(keyOf(found)) ?? (kind === 'backup' ? whenMade(madeAtMs) : null);
    return [{ ...found, check }];
  }

  private find({ kind, name }: BackupChoice): BackupFile {
    const found = this.files().find((one) => one.kind === kind && one.name === name);
    if (found !== undefined) return found;
    throw new ConsoleError('bad-argument', `There is no backup named ${name} any more.`, 'Choose another one.');
  }

  private async makeBySchedule(): Promise<void> {
    if (this.busy !== null) return;
    try {
      await this.make();
    } catch (thrown) {
      const { code, message, remedy = null } = ConsoleError.failureOf(thrown);
      // The console is closing: the next start makes one.
      if (code === 'cancelled') return;
      this.lastFailure = { atMs: this.now(), message, remedy };
      this.options.onError('the scheduled backup', thrown);
    }
  }

  private async alone<T>(what: NonNullable<List['busy']>, work: () => Promise<T>): Promise<T> {
    if (this.busy !== null) {
      const sentence = `${WORDS[this.busy]} is under way.`;
      throw new ConsoleError('history-locked', sentence, 'Wait until it is done.');
    }
    this.busy = what;
    this.part = 0;
    try {
      return await work();
    } finally {
      this.busy = null;
      this.part = 0;
    }
  }
}

const WORDS = { backup: 'A backup', check: 'The check of a backup', restore: 'A restoration' } as const;

const named = (kind: BackupFile['kind'], file: string) => ({ kind, file, name: basename(file) });
/** A backup bears its name only since it passed its check. */
const whenMade = (madeAtMs: number): NonNullable<BackupFile['check']> => ({
  atMs: madeAtMs,
  sound: true,
  sentence: 'Checked when it was made.',
});
const keyOf = ({ file, madeAtMs, bytes }: Pick<BackupFile, 'file' | 'madeAtMs' | 'bytes'>): string =>
  `${file} ${madeAtMs} ${bytes}`;
