import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { DEFAULT_SETTINGS } from '#contract/settings.ts';
import type { Settings } from '#contract/settings.ts';
import { SettingsFile } from '#main/app/settings-file.ts';

const NOBODY = 65_534;

function temporary(): { folder: string; file: string } {
  const folder = mkdtempSync(join(tmpdir(), 'tmem-settings-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return { folder, file: join(folder, 'settings.json') };
}
const changed = (backups: Partial<Settings['backups']>): Settings => ({
  ...DEFAULT_SETTINGS,
  backups: { ...DEFAULT_SETTINGS.backups, ...backups },
});

describe('the file of the settings', () => {
  it('gives the defaults where there is none, and what was saved after that', () => {
    const { file } = temporary();
    const first = new SettingsFile(file);
    expect(first.settings).toEqual(DEFAULT_SETTINGS);
    expect(first.notice).toBeNull();
    first.save(changed({ everyMinutes: 15 }));
    expect(first.settings.backups.everyMinutes).toBe(15);
    expect(new SettingsFile(file).settings).toEqual(changed({ everyMinutes: 15 }));
  });

  it('keeps a damaged one beside it, gives the defaults, and says so', () => {
    const { file } = temporary();
    writeFileSync(file, '{"version":1,"settings":{"theme":"pink"}}');
    const read = new SettingsFile(file);
    expect(read.settings).toEqual(DEFAULT_SETTINGS);
    expect(read.notice).toContain(`were kept as ${file}.damaged`);
    expect(readFileSync(`${file}.damaged`, 'utf8')).toContain('pink');
    read.save(DEFAULT_SETTINGS);
    expect(read.notice).toBeNull();
  });

  it('refuses a folder that cannot hold backups with a sentence, and changes nothing', () => {
    const { folder, file } = temporary();
    writeFileSync(join(folder, 'a-file'), '');
    const settings = new SettingsFile(file);
    const save = (to: string) => () => settings.save(changed({ folder: to }));
    expect(save('relative/folder')).toThrow(/it is not a whole path/);
    expect(save(join(folder, 'a-file', 'below'))).toThrow(/a part of the path is no folder \(ENOTDIR\)/);
    expect(settings.settings).toEqual(DEFAULT_SETTINGS);
    expect(existsSync(file)).toBe(false);
  });

  it('makes a folder of backups that is not there yet', () => {
    const { folder, file } = temporary();
    new SettingsFile(file).save(changed({ folder: join(folder, 'new', 'backups') }));
    expect(existsSync(join(folder, 'new', 'backups'))).toBe(true);
  });

  it('says that it cannot be written, and holds what held before', () => {
    const { folder, file } = temporary();
    const settings = new SettingsFile(file);
    chmodSync(folder, 0o555);
    onTestFinished(() => chmodSync(folder, 0o700));
    // Root may write everywhere.
    if (process.getuid?.() === 0) {
      process.seteuid?.(NOBODY);
      onTestFinished(() => process.seteuid?.(0));
    }
    expect(() => settings.save(changed({ everyMinutes: 15 }))).toThrow(/can't be kept in .*you may not write there/);
    expect(settings.settings).toEqual(DEFAULT_SETTINGS);
  });

  it('says that it cannot be written where its place is taken, and holds what held before', () => {
    const { folder } = temporary();
    writeFileSync(join(folder, 'taken'), '');
    const settings = new SettingsFile(join(folder, 'taken', 'settings.json'));
    expect(() => settings.save(changed({ everyMinutes: 15 }))).toThrow(/The settings can't be kept in/);
    expect(settings.settings).toEqual(DEFAULT_SETTINGS);
  });
});
