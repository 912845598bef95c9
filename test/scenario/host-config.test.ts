import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { DISK_CLASSES } from '#main/host/costs.ts';
import type { HostConfig } from '#main/host/host-config.ts';
import { hostConfigOf } from '#main/scenario/host-config-of.ts';
import { parsePathSetting, setPath } from '#main/scenario/path-setting.ts';
import { checkScenario } from '#main/scenario/read-scenario.ts';
import { traceOf } from '../host/trace-of.ts';

function configOf(file: string, ...settings: readonly string[]): HostConfig {
  const json: unknown = JSON.parse(readFileSync(`resources/scenarios/${file}.json`, 'utf8'));
  for (const setting of settings) setPath(json, parsePathSetting(setting));
  const scenario = checkScenario(json, file);
  const traces = scenario.guests.map(({ trace }) => (trace === undefined ? null : traceOf([0])));
  return hostConfigOf(scenario, scenario.seed, traces);
}

const hog = (...settings: string[]): HostConfig => configOf('d-ephemeral-hog', ...settings);

describe('the host that a scenario describes', () => {
  it('has of a file that gives nothing more only what hosts always had', () => {
    const { guests, ...host } = configOf('three-real-traces');
    expect(Object.keys(host).sort()).toEqual(
      ['balloonPagesPerS', 'idleTaxPermille', 'idleTaxWindowS', 'policy', 'reservedPages', 'seed', 'totalPages'].sort(),
    );
    for (const guest of guests) {
      expect(Object.keys(guest).sort()).toEqual([
        'id',
        'maxPages',
        'minPages',
        'name',
        'pace',
        'ramPages',
        'trace',
        'weight',
      ]);
    }
  });

  it('counts memory in pages and time in ms', () => {
    const { guests, totalPages, balloonPagesPerS, ephemeralLimitPages } = hog(
      'host.poolLimitMiB=10.5',
      'guests.web.capMiB=1',
      'guests.web.startS=1.5',
      'guests.mail.starts=false',
      'guests.web.floorMiB=4',
    );
    expect({ totalPages, balloonPagesPerS, ephemeralLimitPages }).toEqual({
      totalPages: 72 * 256,
      balloonPagesPerS: 1_024,
      ephemeralLimitPages: 2_688,
    });
    expect(guests[0]).toMatchObject({ ramPages: 2_048, capPages: 256, startMs: 1_500, floorPages: 1_024 });
    expect(guests[1]).toMatchObject({ startMs: Infinity });
  });

  it('takes classes of CPUs and disks by name, or their figures in µs', () => {
    const cpu = '"cpu":{"hypercallUs":0.25,"copyUs":2,"cores":3}';
    const { costs } = hog(`costs={${cpu},"disks":["hdd",{"serviceUs":90,"nextPageUs":1.5,"parallel":4}]}`);
    expect(costs).toEqual({
      cpu: { hypercallNs: 250, copyNs: 2_000, cores: 3 },
      disks: [DISK_CLASSES.hdd, { serviceNs: 90_000, nextPageNs: 1_500, parallel: 4 }],
    });
  });

  it('gives kernels and contents what the file says, and leaves the rest to the model', () => {
    const { guests } = hog(
      'guests.web.kernel={"cache":"two-list","swapMiB":2,"dirtyRatio":0.4}',
      'guests.web.content={"file":{"dense":0.5,"zero":0.1},"imageMiB":1,"image":3}',
      'guests.web.preswap=false',
    );
    expect(guests[0]).toMatchObject({
      kernel: { cache: 'two-list', swapPages: 512, dirtyPermille: 400 },
      content: { filePermille: [400, 500, 0, 100], anonPermille: [1000, 0, 0, 0], imagePages: 256, image: 3 },
      preswap: false,
    });
    expect(Object.keys(guests[0]?.kernel ?? {})).toHaveLength(3);
  });

  it('names guests to schedulers by their numbers, and has none where targets are the administrator’s', () => {
    expect(hog().schedule).toBeUndefined();
    const balloon = 'schedule.balloon={"kind":"self-balloon","guests":["wiki","web"],"intervalS":2}';
    expect(hog(balloon, 'schedule.pool={"kind":"smart-alloc","percent":5}').schedule).toEqual([
      { kind: 'self-balloon', guests: [3, 1], intervalS: 2 },
      { kind: 'smart-alloc', percent: 5 },
    ]);
  });

  it('gets its timed events as commands in order of their times', () => {
    const events = [
      { atS: 60, set: 'guests.web.weight', to: 300 },
      { atS: 1, set: 'guests.mail.capMiB', to: null },
      { atS: 1, set: 'guests.mail.frozen', to: true },
      { atS: 0.5, set: 'host.poolLimitMiB', to: 2 },
      { atS: 2, set: 'idleTax', to: 0.25 },
      { atS: 3, set: 'host.totalMiB', to: 100 },
      { atS: 4, set: 'guests.backup.running', to: false },
      { atS: 5, set: 'guests.wiki.balloonTargetMiB', to: 8 },
    ];
    expect(hog(`events=${JSON.stringify(events)}`).commands).toEqual([
      { atMs: 500, kind: 'pool-limit', pages: 512 },
      { atMs: 1_000, kind: 'cap', guestId: 2, pages: Infinity },
      { atMs: 1_000, kind: 'frozen', guestId: 2, frozen: true },
      { atMs: 2_000, kind: 'idle-tax', permille: 250 },
      { atMs: 3_000, kind: 'host-size', pages: 25_600 },
      { atMs: 4_000, kind: 'running', guestId: 4, running: false },
      { atMs: 5_000, kind: 'balloon-target', guestId: 3, pages: 2_048 },
      { atMs: 60_000, kind: 'weight', guestId: 1, weight: 300 },
    ]);
  });
});
