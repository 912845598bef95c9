import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it, onTestFinished } from 'vitest';
import { launchConsole, type RunningConsole } from './harness/app.ts';
import { ask, hostMs, temporaryFolder } from './support.ts';

const ended = async ({ page }: RunningConsole): Promise<string> => {
  await page.getByTestId('host-ended').waitFor();
  return (await page.getByTestId('host-ended').textContent()) ?? '';
};

/** A folder with the history of a console that ran for a few seconds. */
async function usedFolder(): Promise<string> {
  const userDataFolder = temporaryFolder();
  const console_ = await launchConsole({ userDataFolder });
  await console_.firstChart();
  await console_.close();
  return userDataFolder;
}

/** Mounts something for the time of a test; false where this machine does not allow it. */
function mounted(...args: string[]): boolean {
  if (spawnSync('mount', args).status !== 0) return false;
  const place = args.at(-1) ?? '';
  onTestFinished(() => void spawnSync('umount', ['-l', place]));
  return true;
}

describe('a history that cannot be used', () => {
  it('of a newer version is told, and left as it is', async () => {
    const userDataFolder = await usedFolder();
    const file = join(userDataFolder, 'history.db');
    const database = new Database(file);
    database.pragma('user_version = 9999');
    database.close();
    const bytes = readFileSync(file);
    const console_ = await launchConsole({ userDataFolder });
    expect(await ended(console_)).toMatch(/written by a newer version of Tmem Console.*Start the newer version/);
    await console_.screenshot('condition-newer');
    await console_.close();
    expect(readFileSync(file).equals(bytes)).toBe(true);
  });

  it('of another owner is told; tried again when that one has gone, it runs', async () => {
    const userDataFolder = await usedFolder();
    const owner = new Database(join(userDataFolder, 'history.db-owner'));
    owner.exec('BEGIN IMMEDIATE');
    const console_ = await launchConsole({ userDataFolder });
    expect(await ended(console_)).toMatch(/is owned by process \d+.*only its owner may write to it.*close it first/);
    await console_.screenshot('condition-locked');
    owner.exec('ROLLBACK');
    owner.close();
    await console_.page.getByTestId('host-ended').getByRole('button').click();
    await console_.page.getByTestId('host-ended').waitFor({ state: 'detached' });
    await console_.firstChart();
    const now = await hostMs(console_.page);
    await expect.poll(() => hostMs(console_.page)).toBeGreaterThan(now + 500);
    await console_.close();
  });

  it('that may not be written is told, with what to do', async ({ skip }) => {
    const userDataFolder = await usedFolder();
    const file = join(userDataFolder, 'history.db');
    if (!mounted('--bind', file, file) || spawnSync('mount', ['-o', 'remount,bind,ro', file]).status !== 0) {
      skip('This machine does not allow mounting a file read-only.');
    }
    const console_ = await launchConsole({ userDataFolder });
    expect(await ended(console_)).toMatch(/cannot be written.*write permission/);
    await console_.screenshot('condition-read-only');
    await console_.close();
  });

  it('on a full disk: samples wait, a change is refused with the reason, and all goes on when there is room', async ({
    skip,
  }) => {
    const userDataFolder = temporaryFolder();
    if (!mounted('-t', 'tmpfs', '-o', 'size=64m', 'tmpfs', userDataFolder)) {
      skip('This machine does not allow mounting a small disk.');
    }
    const console_ = await launchConsole({ userDataFolder });
    const { page } = console_;
    await console_.firstChart();
    const filler = join(userDataFolder, 'filler');
    // More than there is room for: what fits is written.
    expect(() => writeFileSync(filler, Buffer.alloc(80 * 1_048_576))).toThrow(/ENOSPC/);
    await ask(page, 'host.setSpeed', { speed: 'max' });
    await page.getByTestId('history-failure').waitFor();
    expect(await page.getByTestId('history-failure').textContent()).toMatch(
      /The history is not being written.*Free some space/,
    );
    await console_.screenshot('condition-disk-full');
    const change = ask(page, 'host.applyChanges', { changes: [{ kind: 'weight', guestId: 1, value: 300 }] });
    await expect(change).rejects.toThrow(/history-unwritable/);
    await expect(ask(page, 'backups.make', {})).rejects.toThrow(/the disk is full/);
    rmSync(filler);
    await page.getByTestId('history-failure').waitFor({ state: 'detached' });
    await ask(page, 'host.setSpeed', { speed: '1x' });
    await ask(page, 'host.applyChanges', { changes: [{ kind: 'weight', guestId: 1, value: 300 }] });
    await console_.close();
  });

  it('whose file is no history at all is set aside, and what it was stays readable', async () => {
    const userDataFolder = temporaryFolder();
    writeFileSync(
      join(userDataFolder, 'history.db'),
      'a letter to a friend, long enough to be no header of SQLite, '.repeat(4),
    );
    const console_ = await launchConsole({ userDataFolder });
    await console_.page.getByTestId('recovery').waitFor();
    expect(await console_.page.getByTestId('recovery-sentence').textContent()).toContain(
      'not those of an SQLite database',
    );
    await console_.close();
  });
});
