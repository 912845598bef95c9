import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Host } from '#main/host/host.ts';
import { openScenario } from '#main/scenario/open-scenario.ts';

const FOLDER = 'resources/scenarios';
const GALLERY = readdirSync(FOLDER).filter((name) => name.endsWith('.json'));
/** Longer than it takes until every kind of work has begun; events that come later are moved here. */
const HALF_MS = 6_350;
const EVENT_S = 7;

async function hostsOf(name: string): Promise<() => Host> {
  const { config } = await openScenario(join(FOLDER, name), {
    traceFolders: [],
    cacheFolder: 'node_modules/.cache/traces',
  });
  const commands = (config.commands ?? []).map((command) => ({ ...command, atMs: EVENT_S * 1000 }));
  return () => new Host({ ...config, commands });
}

describe('a scenario of the gallery', () => {
  it.each(GALLERY)(
    '%s goes the same way however it is cut into slices, and on from a copy of its state',
    async (name) => {
      const begin = await hostsOf(name);
      const whole = begin();
      whole.runTo(2 * HALF_MS);
      const sliced = begin();
      for (let ms = 0; ms < HALF_MS; ms += 50) sliced.runTo(ms + 50);
      const copy = begin();
      copy.restore(sliced.snapshot());
      sliced.runTo(2 * HALF_MS);
      copy.runTo(2 * HALF_MS);
      expect([sliced.digest(), copy.digest()]).toEqual([whole.digest(), whole.digest()]);
    },
  );

  it.each(GALLERY)('%s goes another way with another seed', async (name) => {
    const places = { traceFolders: [], cacheFolder: 'node_modules/.cache/traces' };
    const one = await openScenario(join(FOLDER, name), places);
    const other = await openScenario(join(FOLDER, name), { ...places, seed: 99 });
    const [first, second] = [new Host(one.config), new Host(other.config)];
    first.runTo(2_000);
    second.runTo(2_000);
    // Clones in step have nothing random about them.
    if (name === 'g-compressed-clones.json') expect(second.takeSamples()).toEqual(first.takeSamples());
    else expect(second.digest()).not.toBe(first.digest());
  });
});
