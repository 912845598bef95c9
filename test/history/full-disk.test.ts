import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { openForReading } from '#main/history/connection.ts';
import { verifyAudit } from '#main/history/audit/verify.ts';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from './support.ts';

/** Whether this machine lets us make a small disk in memory that nobody else sees. */
const canMount = spawnSync('unshare', ['-rm', 'mount', '-t', 'tmpfs', 'tmpfs', '/tmp']).status === 0;

describe('a live host on a disk that gets full', () => {
  it.skipIf(!canMount)('says so, refuses changes, runs on, and stores what waited when there is room', () => {
    const folder = temporaryFolder();
    const disk = temporaryFolder();
    const script = join(import.meta.dirname, 'processes', 'full-disk.ts');
    // What is on the small disk is gone with the process: it is copied out before.
    const command = `mount -t tmpfs -o size=16m tmpfs "$1" && "$2" "$3" "$1" "$4" && cp "$1"/history.db* "$4"/`;
    const args = ['-rm', 'sh', '-c', command, 'sh', disk, process.execPath, script, folder];
    const said = JSON.parse(execFileSync('unshare', args, { encoding: 'utf8' })) as Record<string, unknown>;
    expect(said).toMatchObject({
      hasFailed: true,
      failure: { code: 'history-unwritable', remedy: expect.stringMatching(/Free some space/) as string },
      refused: { code: 'history-unwritable' },
      stillRuns: true,
      hasRecovered: true,
    });
    const connection = openForReading(join(folder, 'history.db'));
    expect(connection.pragma('integrity_check', { simple: true })).toBe('ok');
    expect(verifyAudit(connection)).toMatchObject({ sound: true });
    const seconds = connection.prepare('SELECT count(*) AS stored, max(second) + 1 AS ended FROM hostSamples').get();
    const ended = Math.floor((said['hostMs'] as number) / 1_000);
    expect(seconds).toEqual({ stored: ended, ended });
    connection.close();
  });
});
