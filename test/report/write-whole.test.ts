import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeFileWhole, writeFolderWhole } from '#main/report/write-whole.ts';
import { describe, expect, it, onTestFinished } from 'vitest';
import { temporaryFolder } from '../history/support.ts';

/** Much more text than a small disk holds. */
function* endless(): Generator<string> {
  for (let part = 0; part < 4_096; part++) yield 'x'.repeat(1_024);
}

/** A disk of 256 KiB, where the machine lets us mount one. */
function smallDisk(): string | null {
  const folder = temporaryFolder();
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', folder]).status !== 0) return null;
  onTestFinished(() => void spawnSync('umount', [folder]));
  return folder;
}

const isRoot = process.getuid?.() === 0;

describe('writing a file whole', () => {
  it('makes it, or replaces the one that is there', () => {
    const file = join(temporaryFolder(), 'report.json');
    expect(writeFileWhole(file, ['{', '"ä"', '}'])).toBe(6);
    writeFileWhole(file, ['new']);
    expect(readFileSync(file, 'utf8')).toBe('new');
    expect(readdirSync(join(file, '..'))).toEqual(['report.json']);
  });

  it('leaves the old file and nothing else when its making fails midway', () => {
    const file = join(temporaryFolder(), 'report.json');
    writeFileWhole(file, ['old']);
    function* failing(): Generator<string> {
      yield 'x'.repeat(1 << 20);
      throw new Error('midway');
    }
    expect(() => writeFileWhole(file, failing())).toThrow(/The report failed: midway/);
    expect(readFileSync(file, 'utf8')).toBe('old');
    expect(readdirSync(join(file, '..'))).toEqual(['report.json']);
  });

  it('says that there is no such folder, and what to do', () => {
    const file = join(temporaryFolder(), 'not', 'there.html');
    expect(() => writeFileWhole(file, ['x'])).toThrow(
      expect.objectContaining({
        code: 'file-unwritable',
        message: expect.stringContaining('there is no such folder (ENOENT)') as string,
        remedy: 'Create the folder first, or choose another.',
      }),
    );
  });

  it('refuses a name that is a folder, and a way that goes through a file', () => {
    const folder = temporaryFolder();
    expect(() => writeFileWhole(folder, ['x'])).toThrow(/there is a folder of this name/);
    writeFileSync(join(folder, 'file'), '');
    expect(() => writeFileWhole(join(folder, 'file', 'report'), ['x'])).toThrow(/a part of the path is no folder/);
  });

  it('says that the disk is full and leaves no half file', ({ skip }) => {
    const disk = smallDisk();
    if (disk === null) return skip('This machine does not allow mounting a small disk.');
    for (const write of [
      () => writeFileWhole(join(disk, 'report.html'), endless()),
      () =>
        writeFolderWhole(
          join(disk, 'report'),
          new Map<string, Iterable<string>>([
            ['guests.csv', ['a']],
            ['pool.csv', endless()],
          ]),
        ),
    ]) {
      expect(write).toThrow(expect.objectContaining({ code: 'file-unwritable', remedy: expect.stringContaining('Free some space') as string })); // prettier-ignore
      expect(readdirSync(disk)).toEqual([]);
    }
  });

  it('says that one may not write there', ({ skip }) => {
    if (isRoot) {
      // Root may write everywhere but where nobody may.
      expect(() => writeFileWhole('/proc/report.html', ['x'])).toThrow(/can't be written to \/proc\/report\.html/);
      return;
    }
    if (process.platform === 'win32') return skip('Folders have no such permission here.');
    const folder = join(temporaryFolder(), 'locked');
    mkdirSync(folder);
    chmodSync(folder, 0o500);
    expect(() => writeFileWhole(join(folder, 'report.html'), ['x'])).toThrow(/you may not write there/);
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe('writing a folder whole', () => {
  it('makes it with all its files', () => {
    const folder = join(temporaryFolder(), 'report');
    const bytes = writeFolderWhole(folder, new Map([['a.csv', ['1', '2']], ['b.csv', ['3']]])); // prettier-ignore
    expect(bytes).toBe(3);
    expect(readdirSync(folder).sort()).toEqual(['a.csv', 'b.csv']);
    expect(readFileSync(join(folder, 'a.csv'), 'utf8')).toBe('12');
  });

  it('touches nothing that is there already', () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'mine.txt'), 'mine');
    expect(() => writeFolderWhole(folder, new Map([['a.csv', ['1']]]))).toThrow(/there is something of this name/);
    expect(readdirSync(folder)).toEqual(['mine.txt']);
    expect(statSync(join(folder, 'mine.txt')).size).toBe(4);
  });
});
