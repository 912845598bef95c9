import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readScenario } from '#main/scenario/read-scenario.ts';
import { publishedSchema } from './published-schema.ts';

const FILE = 'resources/schemas/scenario.schema.json';
const GALLERY = readdirSync('resources/scenarios').filter((name) => name.endsWith('.json'));

describe('the published schema of scenarios', () => {
  it('is what the program checks (UPDATE_SCHEMA=1 writes it anew)', () => {
    const text = `${JSON.stringify(publishedSchema(), null, 2)}\n`;
    if (process.env['UPDATE_SCHEMA'] === '1') writeFileSync(FILE, text);
    expect(readFileSync(FILE, 'utf8')).toBe(text);
  });

  it('has no part that could not be told in its language', () => {
    expect(JSON.stringify(publishedSchema())).not.toMatch(/"workload":\{\}|"items":\{\}/);
  });
});

describe('the scenarios that ship', () => {
  it('show every claim from a to j, each with its bound and a test', async () => {
    const scenarios = await Promise.all(GALLERY.map((name) => readScenario(`resources/scenarios/${name}`)));
    const letters = new Set(scenarios.flatMap(({ claim }) => (claim === undefined ? [] : [claim.letter])));
    expect([...letters].sort()).toEqual(Array.from('abcdefghij'));
    const tests = readdirSync('test/claims').join('\n');
    for (const letter of letters) expect(tests).toMatch(new RegExp(`^${letter}-.*\\.test\\.ts$`, 'm'));
  });

  it.each(GALLERY)('%s fits, and tells what it is about and what its guests run', async (name) => {
    const scenario = await readScenario(`resources/scenarios/${name}`);
    expect(scenario.about).toMatch(/\.$/);
    for (const guest of scenario.guests) expect(guest.runs).toMatch(/\w/);
  });
});
