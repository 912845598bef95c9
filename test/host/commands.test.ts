import { describe, expect, it } from 'vitest';
import { Host } from '#main/host/host.ts';
import type { HostConfig } from '#main/host/host-config.ts';
import { GUEST, GUEST_WIDTH, HOST } from '#main/host/sample-columns.ts';
import { smallConfig } from './small-config.ts';

/** What the last host second of a run showed. */
function lastSecond(host: Host) {
  const { seconds, host: rows, guests } = host.takeSamples();
  const hostRow = rows.subarray(((seconds - 1) * rows.length) / seconds);
  const guestRows = guests.subarray(((seconds - 1) * guests.length) / seconds);
  const of = (column: keyof typeof HOST): number => hostRow[HOST[column]] ?? NaN;
  const ofGuest = (place: number, column: keyof typeof GUEST): number =>
    guestRows[place * GUEST_WIDTH + GUEST[column]] ?? NaN;
  return { of, ofGuest, guests: guestRows.length / GUEST_WIDTH };
}

function after(seconds: number, config: HostConfig = smallConfig()): Host {
  const host = new Host(config);
  host.runTo(seconds * 1000);
  return host;
}

/** total = reserved + guests + ephemeral + persistent + fallow, in every second. */
function expectBalance(host: Host): void {
  const { of } = lastSecond(host);
  expect(
    of('reservedPages') + of('guestPages') + of('ephemeralPages') + of('persistentPages') + of('fallowPages'),
  ).toBe(of('totalPages'));
}

const run = (host: Host, ms: number): Host => {
  host.runTo(host.hostMs + ms);
  return host;
};

describe('the command for another policy', () => {
  it('goes on as a host that had this policy and tax from the start, once its pages were put under it', () => {
    const changed = after(10);
    changed.setPolicy('fifo', 0);
    const stayed = after(10);
    run(changed, 20_000);
    run(stayed, 20_000);
    const shares = [changed, stayed].map((host) => lastSecond(host).ofGuest(0, 'ephemeralPages'));
    // First in, first out gives the guest with the larger working set more than max-over-share does.
    expect(shares[0]).not.toBe(shares[1]);
    const alike = after(10);
    alike.setPolicy('max-over-share', smallConfig().idleTaxPermille);
    expect(run(alike, 20_000).digest()).toBe(after(30).digest());
  });

  it('evicts nothing by itself: pages move with the puts that follow', () => {
    const host = after(10);
    const before = lastSecond(host).of('ephemeralPages');
    host.setPolicy('xen-documented', 0);
    expect(host.readings().ephemeralPages).toBe(before);
  });
});

describe('the command for a pool limit', () => {
  it('evicts down to the limit at once, and holds it', () => {
    const host = after(10);
    const pool = lastSecond(host).of('ephemeralPages');
    const limit = Math.floor(pool / 3);
    host.setEphemeralLimit(limit);
    for (let second = 0; second < 10; second++) {
      run(host, 1_000);
      expect(lastSecond(host).of('ephemeralPages')).toBeLessThanOrEqual(limit);
    }
  });

  it('of 0 is a host without precache, and lifting it lets the pool fill again', () => {
    const host = after(10);
    const pool = lastSecond(host).of('ephemeralPages');
    host.setEphemeralLimit(0);
    run(host, 2_000);
    const without = lastSecond(host);
    expect([without.of('ephemeralPages'), without.ofGuest(0, 'precacheHits')]).toEqual([0, 0]);
    host.setEphemeralLimit(Infinity);
    run(host, 20_000);
    expect(lastSecond(host).of('ephemeralPages')).toBe(pool);
  });
});

describe('the command for the size of the host', () => {
  it('adds fallow memory, which the pool then uses', () => {
    const host = after(10);
    const before = lastSecond(host);
    host.setTotalPages(before.of('totalPages') + 40);
    run(host, 20_000);
    const now = lastSecond(host);
    expect(now.of('totalPages')).toBe(before.of('totalPages') + 40);
    expect(now.of('ephemeralPages')).toBe(before.of('ephemeralPages') + 40);
  });

  it('takes ephemeral pages where less is left than is in use, for the host itself', () => {
    const host = after(10);
    const before = lastSecond(host);
    host.setTotalPages(before.of('totalPages') - 30);
    run(host, 1_000);
    const { ofGuest } = lastSecond(host);
    expect(ofGuest(0, 'evictedByOthers') + ofGuest(1, 'evictedByOthers')).toBeGreaterThanOrEqual(
      30 - before.of('fallowPages'),
    );
    run(host, 1_000);
    expectBalance(host);
  });

  it('is refused below what the guests have, with the number, and changes nothing', () => {
    const host = after(10);
    const digest = host.digest();
    expect(() => host.setTotalPages(129)).toThrow('A host of 129 pages is too small for its reserve and the 110 pages');
    expect(host.digest()).toBe(digest);
  });
});

describe('the command that removes a guest', () => {
  it('gives its RAM and its share to the others', () => {
    const host = after(10);
    const before = lastSecond(host);
    host.removeGuest(1);
    run(host, 20_000);
    const now = lastSecond(host);
    expect([now.ofGuest(0, 'ramPages'), now.ofGuest(0, 'ephemeralPages'), now.ofGuest(0, 'accesses')]).toEqual([
      0, 0, 0,
    ]);
    expect(now.of('guestPages')).toBe(before.of('guestPages') - before.ofGuest(0, 'ramPages'));
    expect(now.ofGuest(1, 'ephemeralPages')).toBeGreaterThan(before.ofGuest(1, 'ephemeralPages'));
    run(host, 1_000);
    expectBalance(host);
  });

  it('leaves the other guests their own accesses, whatever becomes of them', () => {
    const host = after(10);
    const undisturbed = after(10);
    host.removeGuest(1);
    const reads = [host, undisturbed].map((one) => lastSecond(run(one, 5_000)).ofGuest(1, 'accesses'));
    expect(reads[0]).toBe(reads[1]);
  });

  it('is refused for a guest that is not there, also the second time', () => {
    const host = after(1);
    expect(() => host.removeGuest(9)).toThrow('There is no guest 9.');
    host.removeGuest(2);
    expect(() => host.removeGuest(2)).toThrow('There is no guest 2.');
    expect(() => host.setWeight(2, 5)).toThrow('There is no guest 2.');
  });

  it('is part of the state: a host that goes on from a snapshot keeps it away', () => {
    const host = after(5);
    host.removeGuest(2);
    const copy = host.fork();
    expect(run(copy, 5_000).digest()).toBe(run(host, 5_000).digest());
    expect(lastSecond(copy).ofGuest(1, 'ramPages')).toBe(0);
  });
});
