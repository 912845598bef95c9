import { createHash } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { EVICTION_REASONS, GUEST_COLUMNS, HOST_COLUMNS } from '#contract/samples.ts';
import { Host } from '#main/host/host.ts';
import type { HostConfig } from '#main/host/host-config.ts';
import { GUEST, GUEST_WIDTH, HOST, HOST_WIDTH } from '#main/host/sample-columns.ts';
import type { SampleBatch } from '#main/host/sample-batch.ts';
import * as reasons from '#main/host/tmem/eviction-reasons.ts';
import { exampleConfig } from './example-config.ts';

let config: HostConfig;
beforeAll(async () => {
  config = await exampleConfig();
});

/** A digest of every byte of a batch. */
function bytesOf(batch: SampleBatch): string {
  const hash = createHash('sha256');
  for (const values of [batch.host, batch.guests, batch.evictions, batch.evictionSamples])
    hash.update(new Uint8Array(values.buffer));
  return hash.digest('hex');
}

/** Value of a guest's column in a second of a batch. */
function guestValue(batch: SampleBatch, second: number, place: number, column: number): number {
  return batch.guests[(second * config.guests.length + place) * GUEST_WIDTH + column] ?? NaN;
}
const hostValue = (batch: SampleBatch, second: number, column: number): number =>
  batch.host[second * HOST_WIDTH + column] ?? NaN;

/** Runs a host with two commands, cut into slices of these lengths in turn. */
function runSliced(slices: readonly number[], endMs: number): { samples: string; digest: string } {
  const host = new Host(config);
  const commands = [
    { at: 20_050, run: () => host.setWeight(3, 400) },
    { at: 33_333, run: () => host.setBalloonTarget(1, config.guests[0]?.minPages ?? 0) },
  ];
  for (let turn = 0; host.hostMs < endMs; turn++) {
    const wanted = host.hostMs + (slices[turn % slices.length] ?? 1);
    const nextCommand = Math.min(...commands.map(({ at }) => (at > host.hostMs ? at : Infinity)));
    host.runTo(Math.min(wanted, endMs, nextCommand));
    for (const command of commands) if (command.at === host.hostMs) command.run();
  }
  return { samples: bytesOf(host.takeSamples()), digest: host.digest() };
}

describe('the host model', () => {
  it('names its columns and reasons as the contract does', () => {
    expect(Object.keys(GUEST)).toEqual([...GUEST_COLUMNS]);
    expect(Object.values(GUEST)).toEqual(GUEST_COLUMNS.map((_, place) => place));
    expect(GUEST_WIDTH).toBe(GUEST_COLUMNS.length);
    expect(Object.keys(HOST)).toEqual([...HOST_COLUMNS]);
    expect(HOST_WIDTH).toBe(HOST_COLUMNS.length);
    expect(reasons.REASON_COUNT).toBe(EVICTION_REASONS.length);
    const numbered = EVICTION_REASONS.map(
      (name) => reasons[`REASON_${name.toUpperCase().replaceAll('-', '_')}` as keyof typeof reasons],
    );
    expect(numbered).toEqual(EVICTION_REASONS.map((_, place) => place));
  });

  it('gives identical samples and state from one seed, however it is sliced in time', () => {
    const whole = runSliced([60_000], 60_000);
    expect(runSliced([1, 7, 400, 999, 3_000], 60_000)).toEqual(whole);
    expect(runSliced([50], 60_000)).toEqual(whole);
  });

  it('gives other samples from another seed', () => {
    const a = new Host(config);
    const b = new Host({ ...config, seed: config.seed + 1 });
    a.runTo(10_000);
    b.runTo(10_000);
    expect(bytesOf(a.takeSamples())).not.toBe(bytesOf(b.takeSamples()));
  });

  it('accounts for every page of the host in every second', () => {
    const host = new Host(config);
    host.runTo(60_000);
    host.setBalloonTarget(3, config.guests[2]?.maxPages ?? 0);
    host.setBalloonTarget(2, config.guests[1]?.minPages ?? 0);
    host.runTo(120_000);
    const batch = host.takeSamples();
    expect(batch.seconds).toBe(120);
    for (let second = 0; second < batch.seconds; second++) {
      const parts = (['reservedPages', 'guestPages', 'ephemeralPages', 'persistentPages', 'fallowPages'] as const).map(
        (part) => hostValue(batch, second, HOST[part]),
      );
      expect(Math.min(...parts)).toBeGreaterThanOrEqual(0);
      expect(parts.reduce((sum, part) => sum + part, 0)).toBe(config.totalPages);
      const places = config.guests.map((_, place) => place);
      const sumOf = (column: number): number =>
        places.reduce((sum, place) => sum + guestValue(batch, second, place, column), 0);
      expect(sumOf(GUEST.ramPages)).toBe(hostValue(batch, second, HOST.guestPages));
      expect(sumOf(GUEST.ephemeralPages)).toBe(hostValue(batch, second, HOST.ephemeralPages));
      expect(sumOf(GUEST.evictedBySelf) + sumOf(GUEST.evictedByOthers)).toBe(hostValue(batch, second, HOST.evictions));
      expect(sumOf(GUEST.accesses)).toBe(sumOf(GUEST.cacheHits) + sumOf(GUEST.precacheHits) + sumOf(GUEST.diskReads));
    }
    const rows = Array.from({ length: batch.evictions.length / 12 }, (_, row) => batch.evictions[row * 12 + 4] ?? NaN);
    const total = Array.from({ length: batch.seconds }, (_, second) => hostValue(batch, second, HOST.evictions));
    expect(rows.reduce((a, b) => a + b, 0)).toBe(total.reduce((a, b) => a + b, 0));
    expect(rows.length).toBeGreaterThan(0);
  });

  it('moves a balloon at the bounded rate, page for page to and from the rest of the host', () => {
    const host = new Host(config);
    host.runTo(30_000);
    host.takeSamples();
    const start = config.guests[2]?.ramPages ?? 0;
    const target = config.guests[2]?.minPages ?? 0;
    host.setBalloonTarget(3, target);
    const seconds = Math.ceil((start - target) / config.balloonPagesPerS) + 1;
    host.runTo(30_000 + seconds * 1000);
    const batch = host.takeSamples();
    expect(guestValue(batch, 0, 2, GUEST.ramPages)).toBe(start - config.balloonPagesPerS);
    expect(guestValue(batch, seconds - 1, 2, GUEST.ramPages)).toBe(target);
    const others = (second: number): number =>
      hostValue(batch, second, HOST.ephemeralPages) + hostValue(batch, second, HOST.fallowPages);
    expect(others(seconds - 1) - others(0)).toBe(start - config.balloonPagesPerS - target);
  });

  it('relinquishes ephemeral pages to a guest that grows', () => {
    const host = new Host(config);
    host.runTo(120_000);
    host.takeSamples();
    host.setBalloonTarget(1, config.guests[0]?.maxPages ?? 0);
    host.runTo(180_000);
    const batch = host.takeSamples();
    expect(guestValue(batch, 59, 0, GUEST.ramPages)).toBe(config.guests[0]?.maxPages);
    const balloon = Array.from({ length: batch.evictions.length / 12 }, (_, row) => row).filter(
      (row) => batch.evictions[row * 12 + 3] === reasons.REASON_BALLOON && batch.evictions[row * 12 + 2] === 1,
    );
    expect(balloon.length).toBeGreaterThan(0);
  });

  it('lets a raised weight move the pool towards the guest, at the cost of the others', () => {
    const plain = new Host(config);
    plain.runTo(120_000);
    const raised = plain.fork();
    raised.setWeight(3, 400);
    plain.runTo(180_000);
    raised.runTo(180_000);
    plain.takeSamples();
    raised.takeSamples();
    plain.runTo(240_000);
    raised.runTo(240_000);
    const held = (host: Host): number => {
      const batch = host.takeSamples();
      let sum = 0;
      for (let second = 0; second < batch.seconds; second++) sum += guestValue(batch, second, 2, GUEST.ephemeralPages);
      return sum / batch.seconds;
    };
    expect(held(raised)).toBeGreaterThan(held(plain) * 1.1);
  });

  it('forks into a host that goes on by itself and ends in the same state', () => {
    const host = new Host(config);
    host.runTo(25_432);
    const fork = host.fork();
    expect(fork.digest()).toBe(host.digest());
    fork.runTo(50_000);
    expect(fork.digest()).not.toBe(host.digest());
    host.runTo(50_000);
    expect(fork.digest()).toBe(host.digest());
  });

  it('refuses commands for guests it does not have and targets outside the bounds', () => {
    const host = new Host(config);
    expect(() => host.setWeight(9, 1)).toThrow('There is no guest 9.');
    expect(() => host.setBalloonTarget(1, 0)).toThrow('outside the bounds of build');
  });
});
