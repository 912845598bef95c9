import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ConsoleError } from '#contract/errors.ts';
import { hostConfigOf } from '#main/scenario/host-config-of.ts';
import { parsePathSetting } from '#main/scenario/path-setting.ts';
import { readScenario } from '#main/scenario/read-scenario.ts';
import { workloadText } from '#main/scenario/workload-text.ts';
import { traceOf } from '../host/trace-of.ts';

const shipped = 'resources/scenarios/three-real-traces.json';
/** As much of the file's shape as these tests change. */
interface Json {
  host: object;
  guests: object[];
}

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tmem-scenario-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** The shipped scenario with one change made to its JSON. */
async function changed(change: (json: Json) => void, name = 'changed.json'): Promise<string> {
  const json = JSON.parse(await readFile(shipped, 'utf8')) as Json;
  change(json);
  const file = join(folder, name);
  await writeFile(file, JSON.stringify(json));
  return file;
}

async function refusal(file: string): Promise<ConsoleError> {
  try {
    await readScenario(file);
  } catch (error) {
    if (error instanceof ConsoleError) return error;
  }
  throw new Error('The scenario was not refused.');
}

describe('a scenario file', () => {
  it('takes what is set by name before what its variant says of the same', async () => {
    const hog = 'resources/scenarios/d-ephemeral-hog.json';
    const poolLimit = async (...sets: string[]): Promise<number | null | undefined> =>
      (await readScenario(hog, sets.map(parsePathSetting), 'without-hog')).host.poolLimitMiB;
    expect(await poolLimit()).toBe(24);
    expect(await poolLimit('host.poolLimitMiB=20')).toBe(20);
  });

  it('ships with three guests whose memory fits into the host', async () => {
    const scenario = await readScenario(shipped);
    const config = hostConfigOf(
      scenario,
      scenario.seed,
      scenario.guests.map(() => traceOf([0])),
    );
    expect(config.guests.map((guest) => [guest.id, guest.name, guest.weight])).toEqual([
      [1, 'build', 100],
      [2, 'search', 100],
      [3, 'db', 100],
    ]);
    expect(config.idleTaxPermille).toBe(750);
    const used = config.guests.reduce((sum, guest) => sum + guest.ramPages, config.reservedPages);
    expect(used).toBeLessThan(config.totalPages);
  });

  it('says in words what a guest runs', async () => {
    const { guests } = await readScenario(shipped);
    const search = guests.find((guest) => guest.name === 'search');
    expect(search && workloadText(search)).toBe(
      'searching and hashing source trees · 4,000 accesses/s for 25 s, quiet for 20 s, 1,500 for 40 s',
    );
  });

  it('plays the writes of a trace as recorded, or as reads where it says so', async () => {
    const recorded = traceOf([0, 1], { writes: Uint8Array.of(0, 1) });
    const [asRecorded, asReads] = await Promise.all(
      ['as-recorded', 'as-reads'].map(async (writes, place) => {
        const file = await changed((json) => Object.assign(json.guests[place] ?? {}, { writes }), `${writes}.json`);
        const scenario = await readScenario(file);
        const traces = scenario.guests.map(() => recorded);
        return { scenario, config: hostConfigOf(scenario, 1, traces) };
      }),
    );
    expect(asRecorded?.config.guests.map(({ trace }) => trace)).toEqual([recorded, recorded, recorded]);
    const only = { ...recorded, writes: null };
    expect(asReads?.config.guests.map(({ trace }) => trace)).toEqual([recorded, only, recorded]);
    expect(asReads?.scenario.guests.map((guest) => workloadText(guest).endsWith(', writes as reads'))).toEqual([
      false,
      true,
      false,
    ]);
  });

  it.each<[string, (json: Json) => void, RegExp]>([
    ['writes that are played in no way', (json) => Object.assign(json.guests[0] ?? {}, { writes: 'no' }), /"as-reads"/],
    ['an unknown field', (json) => Object.assign(json, { colour: 'red' }), /colour/],
    ['a weight out of range', (json) => Object.assign(json.guests[0] ?? {}, { weight: 65_536 }), /guests\.0\.weight/],
    ['RAM above the maximum', (json) => Object.assign(json.guests[1] ?? {}, { ramMiB: 500 }), /guests\.1: ramMiB lies/],
    ['more RAM than the host has', (json) => Object.assign(json.host, { totalMiB: 90 }), /more than totalMiB/],
    ['two guests of one name', (json) => Object.assign(json.guests[2] ?? {}, { name: 'build' }), /same name/],
    [
      'a guest without any accesses',
      (json) => Object.assign(json.guests[0] ?? {}, { pace: { phases: [{ s: 1, accessesPerS: 0 }] } }),
      /No phase/,
    ],
    ['an unknown policy', (json) => Object.assign(json, { policy: 'lottery' }), /policy/],
  ])('is refused with %s, naming the place', async (_what, change, place) => {
    const error = await refusal(await changed(change));
    expect(error.code).toBe('bad-scenario');
    expect(error.message).toMatch(place);
  });

  it('is refused when it is missing or not JSON', async () => {
    expect((await refusal(join(folder, 'none.json'))).message).toMatch(/cannot be read/);
    const file = join(folder, 'torn.json');
    await writeFile(file, '{ "name": ');
    expect((await refusal(file)).message).toMatch(/cannot be read/);
  });
});
