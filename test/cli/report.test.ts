import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { ReportSchema } from '#contract/reports.ts';
import { temporaryFolder } from '../history/support.ts';
import { NOW_MS, reading, reportOf, twoRuns } from '../report/support.ts';

function report(...options: string[]) {
  const { status, stdout, stderr } = spawnSync('node', ['src-main/cli/main.ts', 'report', ...options], {
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  return { status, stdout, stderr };
}

describe('tmem-console report', () => {
  it('makes a report beside the writer that still writes, with the totals of the database', () => {
    const { file, recording, writer } = twoRuns();
    recording.record(writer, 0, 10);
    const { status, stdout } = report('--db', file, '--from', 'start', '--to', 'end', '--format', 'json', '-o', '-');
    expect(status).toBe(0);
    const made = v.parse(ReportSchema, JSON.parse(stdout));
    expect({ ...made, madeAtWallMs: NOW_MS, versions: {} }).toEqual({ ...reportOf(file), versions: {} });
    recording.record(writer, 0, 1);
    const total = reading(file, (connection) =>
      connection.prepare('SELECT sum(diskReads) FROM guestSamples').pluck().get(),
    );
    const again = v.parse(ReportSchema, JSON.parse(report('--db', file, '--format', 'json', '-o', '-').stdout));
    expect(again.guests.reduce((sum, { counts }) => sum + (counts.diskReads.total ?? NaN), 0)).toBe(total);
  });

  it('writes HTML to a file and CSV to a new folder, and tells where on stderr', () => {
    const { file } = twoRuns();
    const folder = temporaryFolder();
    const html = report('--db', file, '-o', join(folder, 'report.html'));
    expect(html).toMatchObject({ status: 0, stdout: '' });
    expect(html.stderr).toMatch(/report\.html: \d+ bytes, 300 host seconds/);
    expect(readFileSync(join(folder, 'report.html'), 'utf8')).toMatch(/^<!doctype html>/);
    expect(report('--db', file, '--format', 'csv', '-o', join(folder, 'tables')).status).toBe(0);
    expect(readdirSync(join(folder, 'tables'))).toContain('guests.csv');
    const twice = report('--db', file, '--format', 'csv', '-o', join(folder, 'tables'));
    expect(twice.status).toBe(1);
    expect(twice.stderr).toMatch(/there is something of this name.*Choose another name/);
  });

  describe('refuses with a sentence and what to do,', () => {
    it.each([
      ['a time it cannot read', ['--from', 'noon'], 2, /--from noon can't be read.*hh:mm:ss/],
      ['a range that ends before it begins', ['--from', '90', '--to', '00:00:10'], 1, /ends .* before it begins/],
      ['a run that is not there', ['--run', '7'], 2, /has no run 7.*runs 1 to 2/],
      ['a guest that is not there', ['--guests', 'alpha,zeta'], 1, /has a guest zeta.*alpha, beta, gamma/],
      ['CSV on stdout', ['--format', 'csv', '-o', '-'], 2, /CSV is several files/],
      ['an unknown format', ['--format', 'pdf'], 2, /Allowed choices are html, json, csv/],
    ])('%s', (_what, options, status, sentence) => {
      const { file } = twoRuns();
      const output = join(temporaryFolder(), 'never.html');
      const result = report('--db', file, '-o', output, ...options);
      expect(result.stderr.replaceAll('\n', ' ')).toMatch(sentence);
      expect(result).toMatchObject({ status, stdout: '' });
      expect(existsSync(output)).toBe(false);
    });
  });

  it('says that there is no history, and no folder', () => {
    const folder = temporaryFolder();
    expect(report('--db', join(folder, 'none.db'), '-o', '-').stderr).toMatch(/There is no history/);
    const { file } = twoRuns();
    const nowhere = report('--db', file, '-o', join(folder, 'no', 'report.html'));
    expect(nowhere.status).toBe(1);
    expect(nowhere.stderr).toMatch(/there is no such folder.*Create the folder first/);
  });
});
