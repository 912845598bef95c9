import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ReportFormat } from '#contract/reports.ts';
import { ReportClient } from '#main/report/report-client.ts';
import { describe, expect, it, onTestFinished } from 'vitest';
import { temporaryFolder } from '../history/support.ts';
import { reportOf, twoRuns } from './support.ts';

const THREAD = new URL('../../src-main/report/report-thread.ts', import.meta.url);
const ALL = { range: null, guests: [] };

function client(databaseFile: string, chooseTarget: (format: ReportFormat) => Promise<string | null>): ReportClient {
  const made = new ReportClient({ threadFile: THREAD, databaseFile, versions: { app: '1' }, chooseTarget });
  onTestFinished(() => made.stop());
  return made;
}

const nowhere = () => Promise.resolve(null);

describe('the maker of reports', () => {
  it('gives the figures without the lists', async () => {
    const { file } = twoRuns();
    const figures = await client(file, nowhere).preview(ALL);
    expect(figures.guests).toEqual(reportOf(file).guests);
    expect(figures).not.toHaveProperty('actions');
    expect(figures.versions).toMatchObject({ app: '1' });
  });

  it('saves where the person chose, and is idle again', async () => {
    const { file } = twoRuns();
    const target = join(temporaryFolder(), 'report.json');
    const reports = client(file, (format) => Promise.resolve(format === 'json' ? target : null));
    const saved = await reports.save(ALL, 'json');
    expect(saved).toEqual({ file: target, bytes: readFileSync(target).length });
    expect(reports.progress()).toEqual({ stage: 'idle', part: 0 });
  });

  it('saves nothing where the person chose nowhere', async () => {
    expect(await client(twoRuns().file, nowhere).save(ALL, 'html')).toEqual({ file: null, bytes: 0 });
  });

  it('refuses a second report while the first is on its way, and says how far that is', async () => {
    const { file } = twoRuns();
    let choose: (target: string | null) => void = () => undefined;
    const reports = client(file, () => new Promise((resolve) => (choose = resolve)));
    const first = reports.save(ALL, 'html');
    expect(reports.progress().stage).toBe('choosing');
    await expect(reports.save(ALL, 'html')).rejects.toThrow(/Another report is being saved/);
    choose(null);
    await first;
    expect(reports.progress().stage).toBe('idle');
  });

  it('tells why it failed and what to do, and can save again', async () => {
    const { file } = twoRuns();
    const folder = temporaryFolder();
    const targets = [join(folder, 'no', 'report.html'), join(folder, 'report.html')];
    const reports = client(file, () => Promise.resolve(targets.shift() ?? null));
    await expect(reports.save(ALL, 'html')).rejects.toMatchObject({
      code: 'file-unwritable',
      remedy: /Create the folder/,
    });
    await reports.save(ALL, 'html');
    expect(existsSync(join(folder, 'report.html'))).toBe(true);
  });

  it('refuses what has no history or no guest of that name', async () => {
    const none = client(join(temporaryFolder(), 'none.db'), nowhere);
    await expect(none.preview(ALL)).rejects.toMatchObject({ code: 'host-not-ready' });
    const { file } = twoRuns();
    await expect(client(file, nowhere).preview({ range: null, guests: ['zeta'] })).rejects.toMatchObject({
      code: 'unknown-guest',
    });
  });

  it.each(['html', 'json', 'csv'] as const)(
    'gives up a %s that is being saved, and leaves nothing of it',
    async (format) => {
      const { file } = twoRuns();
      const folder = temporaryFolder();
      const reports = client(file, () => Promise.resolve(join(folder, 'report')));
      const saving = reports.save(ALL, format);
      const refused = expect(saving).rejects.toMatchObject({ code: 'cancelled', message: /nothing was saved/ });
      // As soon as its thread has been started, which is in the turn after the choice.
      while (reports.progress().stage === 'choosing') {
        reports.cancel();
        await new Promise(setImmediate);
      }
      await refused;
      expect(readdirSync(folder)).toEqual([]);
      expect(reports.progress().stage).toBe('idle');
      await reports.save(ALL, format);
      expect(readdirSync(folder)).toEqual(['report']);
    },
  );

  it('is cancelled when it is stopped', async () => {
    const { file } = twoRuns();
    const reports = client(file, nowhere);
    const waiting = expect(reports.preview(ALL)).rejects.toMatchObject({ code: 'cancelled' });
    await reports.stop();
    await waiting;
  });
});
