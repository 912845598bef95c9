import type { BackupChoice, BackupFile, Recovery } from '#contract/backups.ts';
import type { RequestAnswer } from '#contract/requests.ts';
import type { Settings } from '#contract/settings.ts';
import { DEFAULT_SETTINGS } from '#contract/settings.ts';

/** What a fake console has of backups and settings when it opens. */
export interface FakeBackupOptions {
  readonly files?: number;
  readonly recovery?: Recovery | null;
  readonly settings?: Settings;
  readonly settingsNotice?: string | null;
  readonly lastFailure?: RequestAnswer<'backups.list'>['lastFailure'];
}

const MADE_MS = Date.UTC(2025, 10, 23, 14, 0);
const HOUR_MS = 3_600_000;

/** A sound backup of a fake history. */
export function fakeBackup(number: number): BackupFile {
  const madeAtMs = MADE_MS - number * HOUR_MS;
  const name = `history.db.2025-11-23T${14 - number}-00-00-000Z.backup`;
  return {
    name,
    kind: 'backup',
    file: `/home/ada/.config/tmem/backups/${name}`,
    madeAtMs,
    bytes: 84_000_000 - number * 1_000_000,
    auditRows: 12 - number,
    check: { atMs: madeAtMs, sound: true, sentence: 'Checked when it was made.' },
  };
}

export function isBackupRequest(name: string): boolean {
  return /^(backups|recovery|settings)\.|^host\.restart$/.test(name);
}

/** Answers what concerns backups, recovery and settings as the main process does, over files that are not there. */
export class FakeBackups {
  readonly files: BackupFile[];
  settings: Settings;
  recovery: Recovery | null;
  private readonly options: FakeBackupOptions;

  constructor(options: FakeBackupOptions = {}) {
    this.options = options;
    this.files = Array.from({ length: options.files ?? 3 }, (_, at) => fakeBackup(at + 1));
    this.settings = options.settings ?? DEFAULT_SETTINGS;
    this.recovery = options.recovery ?? null;
  }

  answer(name: string, argument: unknown): unknown {
    switch (name) {
      case 'backups.list':
        return {
          folder: '/home/ada/.config/tmem/backups',
          files: [...this.files].sort((a, b) => b.madeAtMs - a.madeAtMs),
          busy: null,
          part: 0,
          nextAtMs: MADE_MS + HOUR_MS,
          lastFailure: this.options.lastFailure ?? null,
        };
      case 'backups.make': {
        const made = fakeBackup(0);
        this.files.push(made);
        return { made, removed: [] };
      }
      case 'backups.check': {
        const found = this.find(argument as BackupChoice);
        return { ...found, check: { atMs: MADE_MS, sound: false, sentence: 'Page 7 is damaged.' } };
      }
      case 'backups.consequences':
        return {
          chosen: { runs: 1, seconds: 3_600, actions: 11, lastWallMs: MADE_MS },
          present: { runs: 2, seconds: 7_920, actions: 14, lastWallMs: MADE_MS },
          setAside: { runs: 1, seconds: 4_320, actions: 3, lastWallMs: MADE_MS },
          broughtBack: { runs: 0, seconds: 0, actions: 0, lastWallMs: MADE_MS },
          sameHistory: true,
        };
      case 'backups.restore': {
        const setAside = 'history.db.2025-11-23T14-30-00-000Z.set-aside';
        this.files.push({ ...fakeBackup(0), kind: 'set-aside', name: setAside, auditRows: null, check: null });
        this.recovery = null;
        return { setAside, findings: [] };
      }
      case 'recovery.state':
        return { recovery: this.recovery };
      case 'recovery.beginNew':
        this.recovery = null;
        return {};
      case 'host.restart':
        return {};
      case 'settings.get':
        return {
          settings: this.settings,
          defaultBackupFolder: '/home/ada/.config/tmem/backups',
          notice: this.options.settingsNotice ?? null,
        };
      case 'settings.save':
        this.settings = (argument as { settings: Settings }).settings;
        return { settings: this.settings };
      case 'settings.chooseFolder':
        return { folder: '/mnt/other/backups' };
      default:
        throw new Error(`The fake console knows no request ${name}.`);
    }
  }

  private find({ name }: BackupChoice): BackupFile {
    const found = this.files.find((file) => file.name === name);
    if (found === undefined) throw new Error(`There is no file ${name}.`);
    return found;
  }
}
