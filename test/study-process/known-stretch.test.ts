import { expect, it } from 'vitest';
import { Host } from '#main/host/host.ts';
import { encodeSnapshot } from '#main/host/state-codec.ts';
import type { JobStretch } from '#main/study-process/job.ts';
import { isNear, isSame } from '#main/study-process/known-stretch.ts';
import { forecastFrom } from '#main/what-if/forecast.ts';
import { PreparedStudy } from '#main/what-if/prepared-study.ts';
import { Slices } from '#main/what-if/slices.ts';
import { exampleConfig } from '../host/example-config.ts';

it('a piece of a forecast tells something of a longer one that begins later, unless a setting was changed meanwhile', async () => {
  const config = await exampleConfig();
  const host = new Host(config);
  host.runTo(2_000);
  const seen = { seconds: 0, diskReads: new Float64Array(0) };
  const past = { state: host.snapshot(), commands: [], seen };
  host.runTo(6_000);
  const start = await forecastFrom(config, past, host.snapshot(), new Slices());
  const live = (): JobStretch['start'] => ({
    ...{ kind: 'live', databaseFile: 'history.db', runId: 1 },
    ...{ state: encodeSnapshot(host.snapshot()), nowMs: host.hostMs },
  });
  const { guests, ...rest } = config;
  const stretch: JobStretch = {
    config: { ...rest, guests: guests.map(({ trace: _, ...guest }) => ({ ...guest, traceFile: guest.name })) },
    ...{ cacheFolder: '', start: live(), horizonMs: 4_000, memoryMiB: 512 },
  };
  const known = { stretch, study: new PreparedStudy(start, stretch.horizonMs) };
  expect(isSame(known, stretch)).toBe(true);
  host.runTo(7_000);
  const longer = { ...stretch, horizonMs: 20_000 };
  expect(isNear(known, { ...longer, start: live() })).toBe(true);
  host.setWeight(3, 400);
  expect(isNear(known, { ...longer, start: live() })).toBe(false);
});
