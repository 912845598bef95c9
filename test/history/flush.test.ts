import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryDatabase } from './support.ts';

const CALLS = 'trace=pwrite64,write,fdatasync,fsync';
const canTrace = spawnSync('strace', ['-e', CALLS, 'true']).status === 0;

describe('the promise of an acknowledged action', () => {
  it.skipIf(!canTrace)('is kept: the log is written, then flushed, then it is acknowledged', () => {
    const file = temporaryDatabase();
    const trace = `${file}.trace`;
    const script = join(import.meta.dirname, 'processes', 'committer.ts');
    // -y names the file of each descriptor.
    const { status } = spawnSync('strace', ['-f', '-y', '-o', trace, '-e', CALLS, process.execPath, script, file]);
    expect(status).toBe(0);
    const steps = readFileSync(trace, 'utf8')
      .split('\n')
      .flatMap((line) => {
        if (/write\(1.*"samples/.test(line)) return ['samples'];
        if (/write\(1.*"acknowledged/.test(line)) return ['acknowledged'];
        if (!line.includes('history.db-wal>')) return [];
        return line.includes('sync(') ? ['flush'] : ['log'];
      });
    const committing = steps.slice(steps.indexOf('samples') + 1, steps.indexOf('acknowledged'));
    expect(committing).toContain('log');
    expect(committing.at(-1)).toBe('flush');
  });
});
