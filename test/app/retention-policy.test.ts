import { describe, expect, it } from 'vitest';
import { DEFAULT_SETTINGS } from '#contract/settings.ts';
import { retentionPolicy } from '#main/app/retention-policy.ts';
import { DEFAULT_RETENTION } from '#main/history/retention.ts';
import { HistoryWriter } from '#main/history/writer.ts';
import { Random } from '#main/host/random.ts';
import { newRun, randomBatch } from '../history/samples.ts';
import { temporaryDatabase } from '../history/support.ts';

describe('how long the history is kept', () => {
  it('is by default what the history does by itself', () => {
    expect(retentionPolicy(DEFAULT_SETTINGS.retention)).toEqual(DEFAULT_RETENTION);
  });

  it('holds from the moment it is set, for what is recorded already', () => {
    const file = temporaryDatabase();
    const writer = HistoryWriter.open({ file, appVersion: '0' });
    const first = writer.beginRun(newRun(1)).run;
    for (let second = 0; second < 4_000; second += 500) {
      writer.writeSeconds(randomBatch(new Random(1, 0), { firstSecond: second, seconds: 500, guests: 1 }));
    }
    writer.endRun();
    writer.beginRun(newRun(1));
    while (writer.retain());
    const stored = (): number => writer.readSeconds(first.id, 0, 4_000).host.length;
    const before = stored();
    writer.setRetention({ secondsAgeS: 100, tierAgeS: { 10: 4_000, 60: 4_000, 3_600: 4_000 }, bytesMax: 1e12 });
    while (writer.retain());
    expect(stored()).toBeLessThan(before / 2);
    writer.close();
  });
});
