import { describe, expect, it } from 'vitest';
import { launchConsole } from './harness/app.ts';
import { ask, hostMs, temporaryFolder, withHistory } from './support.ts';

describe('a console that is killed', () => {
  it('opens again with a sound history, at most the last wall second missing and every acknowledged action there', async () => {
    const first = await launchConsole({ userDataFolder: temporaryFolder() });
    await first.firstChart();
    await ask(first.page, 'host.setSpeed', { speed: '10x' });
    await expect.poll(() => hostMs(first.page)).toBeGreaterThan(20_000);
    let acknowledged = 0;
    for (let weight = 200; weight < 210; weight++) {
      await ask(first.page, 'host.applyChanges', { changes: [{ kind: 'weight', guestId: 1, value: weight }] });
      acknowledged = weight;
    }
    const reached = await hostMs(first.page);
    await first.kill9();

    const second = await launchConsole({ userDataFolder: first.userDataFolder });
    await second.firstChart();
    const { notice } = await ask<{ notice: string }>(second.page, 'host.describe', {});
    expect(notice).toMatch(/not closed in order.*equals the record/);
    withHistory(first.userDataFolder, (database) => {
      expect(database.pragma('integrity_check', { simple: true })).toBe('ok');
      const stored = database.prepare('SELECT max(second) AS last FROM hostSamples WHERE runId = 1').get() as {
        last: number;
      };
      // One wall second is ten host seconds here; the second that was under way is not a sample yet.
      expect((stored.last + 1) * 1000).toBeGreaterThan(reached - 10_000 - 1_000);
      const action = database
        .prepare(`SELECT json_extract(content, '$.after') AS weight FROM actions ORDER BY id DESC LIMIT 1`)
        .get() as { weight: number };
      expect(action.weight).toBe(acknowledged);
      const runs = database.prepare('SELECT id, endState FROM runs ORDER BY id').all();
      expect(runs).toEqual([{ id: 1, endState: 'running' }]);
    });
    await second.close();
  });
});
