import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { HistoryWriter } from '#main/history/writer.ts';
import { describe, expect, it } from 'vitest';
import { newRun } from './samples.ts';
import { temporaryDatabase } from './support.ts';

const CLI = join(import.meta.dirname, '../../src-main/cli/main.ts');

function run(...words: string[]): { status: number | null; stdout: string; stderr: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [CLI, 'audit', ...words], { encoding: 'utf8' });
  return { status, stdout, stderr };
}

/** A closed history with three actions. */
function audited(): string {
  const file = temporaryDatabase();
  const writer = HistoryWriter.open({ file, appVersion: '0' });
  writer.beginRun(newRun());
  for (const after of [200, 300, 400]) {
    writer.commitActions([{ hostMs: after, kind: 'weight', guestId: 1, before: 100, after, source: 'cli' }], 1);
  }
  writer.endRun();
  writer.close();
  return file;
}

function tamper(file: string, sql: string): void {
  const raw = new Database(file);
  raw.exec(`DROP TRIGGER actionsNeverChanged; DROP TRIGGER actionsNeverRemoved; ${sql}`);
  raw.close();
}

describe('tmem-console audit', () => {
  it('finds an audit sound, with exit code 0, and says what it cannot see without an anchor', () => {
    const { status, stdout } = run('verify', '--db', audited());
    expect(stdout).toMatch(/^The audit is sound: 3 rows, last hash [0-9a-f]{64}\.\nNo anchor was given/);
    expect(status).toBe(0);
  });

  it('says which row was altered, with exit code 1, in words and as JSON', () => {
    const file = audited();
    tamper(file, `UPDATE actions SET content = replace(content, '300', '301') WHERE id = 2`);
    const words = run('verify', '--db', file);
    expect(words.stdout).toContain('Row 2 of the audit was altered');
    expect(words.status).toBe(1);
    const json = run('verify', '--db', file, '--json');
    expect(JSON.parse(json.stdout)).toMatchObject({
      rows: 3,
      sound: false,
      findings: [{ kind: 'unguarded' }, { kind: 'altered', fromId: 2, toId: 2 }],
    });
    expect(json.status).toBe(1);
  });

  it('finds a tail that was cut off with an anchor that it made before, and never writes over an anchor', () => {
    const file = audited();
    const anchor = `${file}.anchor`;
    expect(run('anchor', '--db', file, '-o', anchor).status).toBe(0);
    expect(JSON.parse(readFileSync(anchor, 'utf8'))).toMatchObject({ rows: 3 });
    expect(run('verify', '--db', file, '--anchor', anchor).status).toBe(0);
    tamper(file, 'DELETE FROM actions WHERE id = 3');
    expect(run('anchor', '--db', file, '-o', anchor)).toMatchObject({ status: 2, stdout: '' });
    const { status, stdout } = run('verify', '--db', file, '--anchor', anchor);
    expect(stdout).toContain('Row 3 of the audit was cut off at the end: the anchor knows 3 rows.');
    expect(status).toBe(1);
  });

  it('refuses what is not an anchor or not a history with a sentence', () => {
    const file = audited();
    const notAnchor = run('verify', '--db', file, '--anchor', file);
    expect(notAnchor).toMatchObject({ status: 2, stdout: '' });
    expect(notAnchor.stderr).toContain('is not an anchor of an audit');
    const missing = run('verify', '--db', `${file}.none`);
    expect(missing).toMatchObject({ status: 1, stdout: '' });
    expect(missing.stderr).toContain('There is no history of this version at');
    expect(run('verify').status).toBe(2);
  });
});
