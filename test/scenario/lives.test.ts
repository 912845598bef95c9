import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ConsoleError } from '#contract/errors.ts';
import { Host } from '#main/host/host.ts';
import type { HostConfig } from '#main/host/host-config.ts';
import { eventMarks } from '#main/scenario/event-marks.ts';
import { hostConfigOf } from '#main/scenario/host-config-of.ts';
import { checkScenario } from '#main/scenario/read-scenario.ts';
import type { Scenario } from '#main/scenario/scenario-schema.ts';
import { workloadText } from '#main/scenario/workload-text.ts';
import { observe } from '../host/scripted-host.ts';

type Event = readonly [atS: number, set: string, to: unknown];

const CAME_AND_WENT: readonly Event[] = [
  [1.5, 'guests.web.weight', 300],
  [3, 'guests.web.running', false],
  [5, 'guests.web.running', true],
  [6.2, 'guests.web.weight', 50],
  [8, 'guests.web.running', false],
  [8, 'guests.web.running', true],
];

/** Two file servers that together want more than the host has. */
function scenarioOf(events: readonly Event[], more: object = {}): Scenario {
  const guest = (name: string) => ({
    ...{ name, runs: 'a file server', ramMiB: 4, minMiB: 2, maxMiB: 8 },
    workload: { kind: 'zipf-files', accessesPerS: 2_000, files: 3_000, pagesPerFile: 1, alpha: 0.8 },
  });
  const host = { totalMiB: 14, reservedMiB: 1, balloonMiBPerS: 4 };
  const told = events.map(([atS, set, to]) => ({ atS, set, to }));
  const guests = [guest('web'), guest('mail')];
  return checkScenario(
    { name: 'lives', seed: 7, host, policy: 'max-over-share', guests, events: told, ...more },
    'file',
  );
}

const configOf = (events: readonly Event[], more: object = {}): HostConfig => {
  const scenario = scenarioOf(events, more);
  return hostConfigOf(
    scenario,
    scenario.seed,
    scenario.guests.map(() => null),
  );
};

const refusal = (events: readonly Event[], more: object = {}): string => {
  try {
    scenarioOf(events, more);
    return '';
  } catch (error) {
    return ConsoleError.failureOf(error).message;
  }
};

describe('a guest that is removed and started again by events', () => {
  it('is another client of the host each time, as the file describes it, and events mean the one that is there', () => {
    const { guests, commands } = configOf(CAME_AND_WENT);
    expect(guests.map(({ id, name, startMs = 0, weight }) => ({ id, name, startMs, weight }))).toEqual([
      { id: 1, name: 'web', startMs: 0, weight: 100 },
      { id: 2, name: 'mail', startMs: 0, weight: 100 },
      { id: 3, name: 'web-2', startMs: Infinity, weight: 100 },
      { id: 4, name: 'web-3', startMs: Infinity, weight: 100 },
    ]);
    expect(guests[2]?.workload).toEqual(guests[0]?.workload);
    expect(commands).toEqual([
      { atMs: 1_500, kind: 'weight', guestId: 1, weight: 300 },
      { atMs: 3_000, kind: 'running', guestId: 1, running: false },
      { atMs: 5_000, kind: 'running', guestId: 3, running: true },
      { atMs: 6_200, kind: 'weight', guestId: 3, weight: 50 },
      { atMs: 8_000, kind: 'running', guestId: 3, running: false },
      { atMs: 8_000, kind: 'running', guestId: 4, running: true },
    ]);
  });

  it('begins with nothing of what it had, and its samples are apart from those of the life before', () => {
    const seen = observe(new Host(configOf(CAME_AND_WENT)), 11_000);
    const [web, second, third] = [0, 2, 3];
    const isThere = (place: number): boolean[] => seen.each('ramPages', place).map((pages) => pages > 0);
    const from = (first: number, end: number): boolean[] =>
      Array.from({ length: 11 }, (_, at) => at >= first && at < end);
    expect([isThere(web), isThere(second), isThere(third)]).toEqual([from(0, 3), from(5, 8), from(8, 11)]);
    expect(seen.each('weight', web).slice(0, 3)).toEqual([100, 300, 300]);
    expect(seen.each('weight', second).slice(5, 8)).toEqual([100, 50, 50]);
    for (const [place, first] of [
      [second, 5],
      [third, 8],
    ] as const) {
      expect(seen.each('accesses', place).slice(0, first)).toEqual(Array.from({ length: first }, () => 0));
      // A cold cache: the first second reads more from the disk than any of the other guest, which was there all the time.
      expect(seen.each('diskReads', place)[first]).toBeGreaterThan(seen.each('diskReads', 1)[first] ?? NaN);
      expect(seen.each('accesses', place)[first]).toBeGreaterThan(1_900);
    }
    expect(seen.last('ephemeralPages', web) + seen.last('accesses', web)).toBe(0);
  });

  it('goes the same way however the run is cut into slices, and on from a copy of its state at any time', () => {
    const config = configOf(CAME_AND_WENT);
    const whole = new Host(config);
    whole.runTo(11_000);
    for (const copiedMs of [2_950, 3_000, 4_100, 5_000, 7_730, 8_000, 8_010]) {
      const sliced = new Host(config);
      for (let ms = 0; ms < copiedMs; ms += 70) sliced.runTo(Math.min(copiedMs, ms + 70));
      const copy = new Host(config);
      copy.restore(sliced.snapshot());
      for (const host of [sliced, copy]) host.runTo(11_000);
      expect([sliced.digest(), copy.digest()], `copied at ${copiedMs} ms`).toEqual([whole.digest(), whole.digest()]);
    }
  });

  it('stays what the scenario says where somebody else removed it meanwhile', () => {
    const host = new Host(configOf(CAME_AND_WENT));
    host.runTo(2_000);
    host.removeGuest(1);
    const seen = observe(host, 9_000);
    expect([seen.last('ramPages', 0), seen.each('ramPages', 2)[6], seen.last('ramPages', 3)]).toEqual([
      0, 1_024, 1_024,
    ]);
  });

  it('is among the guests of a schedule in every life, with its settings of the file and of variants', () => {
    const schedule = { balloon: { kind: 'self-balloon', guests: ['web'] } };
    expect(configOf(CAME_AND_WENT, { schedule }).schedule).toEqual([{ kind: 'self-balloon', guests: [1, 3, 4] }]);
  });

  it('is told of in words', () => {
    const scenario = scenarioOf(CAME_AND_WENT);
    expect(eventMarks(scenario).map(({ text }) => text)).toEqual([
      'Scenario: weight of web set to 300.',
      'Scenario: web removed.',
      'Scenario: web started again, as web-2.',
      'Scenario: weight of web-2 set to 50.',
      'Scenario: web-2 removed; web started again, as web-3.',
    ]);
    expect(scenario.guests.map((guest) => workloadText(guest).split(' · ')[0])).toEqual([
      'a file server',
      'a file server',
      'web started again',
      'web started again',
    ]);
  });

  it('is refused where there is no name or no room for it, and nothing can be set of it while it is not there', () => {
    const gone: Event = [1, 'guests.web.running', false];
    const back: Event = [2, 'guests.web.running', true];
    expect(refusal([gone, back])).toBe('');
    expect(refusal([gone, [2, 'guests.web.capMiB', 1], back])).toMatch(
      /events\.1\.set: web was removed by events\.0, and nothing can be set of it until/,
    );
    expect(refusal([gone, gone, back])).toMatch(/events\.1\.set: web was removed by events\.0/);
    const { workload, ...guest } = { ...scenarioOf([]).guests[0], minMiB: 0, ramMiB: 0 };
    const called = (names: readonly string[]) => ({ guests: names.map((name) => ({ ...guest, name, workload })) });
    expect(refusal([gone, back], called(['web', 'web-2']))).toMatch(
      /events\.1\.set: web would be called web-2 from then on, as another guest is/,
    );
    const full = called(['web', ...Array.from({ length: 62 }, (_, at) => `other${at}`)]);
    expect(refusal([gone, back], full)).toBe('');
    expect(refusal([gone, back, [3, gone[1], false], [4, back[1], true]], full)).toMatch(
      /events\.3\.set: each time that a guest is started again counts as another, and there would be more than 64/,
    );
    const long = 'w'.repeat(32);
    const events: Event[] = [
      [1, `guests.${long}.running`, false],
      [2, `guests.${long}.running`, true],
    ];
    expect(scenarioOf(events, called([long])).guests.at(-1)?.name).toBe(`${'w'.repeat(30)}-2`);
  });
});

describe('a scenario of the gallery', () => {
  it('whose guests come once is left as it is', () => {
    const json: unknown = JSON.parse(readFileSync('resources/scenarios/d-ephemeral-hog.json', 'utf8'));
    expect(checkScenario(json, 'hog').guests.every(({ lifeOf }) => lifeOf === undefined)).toBe(true);
  });
});
