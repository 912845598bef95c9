import { ConsoleError } from '#contract/errors.ts';
import type { RequestAnswer } from '#contract/requests.ts';
import type { Settings } from '#contract/settings.ts';
import type { SettingsFile } from './settings-file.ts';

type SettingsDeskOptions = {
  file: Pick<SettingsFile, 'settings' | 'notice' | 'save'>;
  defaultBackupFolder: string;
  /** Asks the person for a folder. */
  chooseFolder: () => Promise<string | null>;
  /** Puts into force what was saved. */
  onChanged: (now: Settings, before: Settings) => void;
};

/** What the window asks and tells about settings. */
export class SettingsDesk {
  private readonly options: SettingsDeskOptions;
  private choosing = false;

  constructor(options: SettingsDeskOptions) {
    this.options = options;
  }

  get(): RequestAnswer<'settings.get'> {
    const { file, defaultBackupFolder } = this.options;
    return { settings: file.settings, defaultBackupFolder, notice: file.notice };
  }

  /** @throws ConsoleError `bad-setting`, `file-unwritable`: nothing has changed then. */
  save(settings: Settings): RequestAnswer<'settings.save'> {
    const { file, onChanged } = this.options;
    const before = file.settings;
    file.save(settings);
    onChanged(settings, before);
    return { settings };
  }

  async chooseFolder(): Promise<RequestAnswer<'settings.chooseFolder'>> {
    if (this.choosing) throw new ConsoleError('bad-request', 'A folder is being chosen already.');
    this.choosing = true;
    try {
      return { folder: await this.options.chooseFolder() };
    } finally {
      this.choosing = false;
    }
  }
}
