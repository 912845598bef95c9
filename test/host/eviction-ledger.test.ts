import { describe, expect, it } from 'vitest';
import { EvictionLedger } from '#main/host/eviction-ledger.ts';
import { StateReader, StateWriter } from '#main/host/state.ts';

const keys = {
  nowMs: 7_250,
  keyOf: (page: number, oid: Uint32Array): number => {
    oid.set([page * 10, 0, 0, 0, 0, 0]);
    return page;
  },
};
const NONE = [0, 0, 0, 0, 0, 0];

describe('the ledger of evictions', () => {
  it('adds up who lost pages to whom, out of which pool, why and how old, and begins each second anew', () => {
    const ledger = new EvictionLedger([10, 20], 8);
    ledger.record(1, 0, 0, 0, 999, 1, keys);
    ledger.record(0, 0, 0, 0, 1_000, 2, keys);
    ledger.record(1, 0, 0, 0, 4_000_000_000, 3, keys);
    ledger.record(1, -1, 2, 7, 3_599_999, 4, keys);
    expect([...ledger.bySelf, ...ledger.byOthers, ...ledger.caused, ledger.total]).toEqual([1, 0, 0, 3, 2, 0, 4]);
    const rows: number[] = [];
    ledger.takeSecond(5, rows, []);
    expect(rows).toEqual([
      ...[5, 10, 10, 0, 1, 0, 0, 1, 0, 0, 0, 0],
      ...[5, 20, 0, 7, 1, 2, 0, 0, 0, 0, 1, 0],
      ...[5, 20, 10, 0, 2, 0, 1, 0, 0, 0, 0, 1],
    ]);
    ledger.takeSecond(6, rows, []);
    expect(rows).toHaveLength(36);
    expect([...ledger.bySelf, ...ledger.byOthers, ...ledger.caused, ledger.total]).toEqual([0, ...NONE]);
  });

  it('keeps each eviction of a quiet second singly', () => {
    const ledger = new EvictionLedger([10, 20], 8);
    ledger.record(1, -1, 0, 3, 42, 6, keys);
    ledger.record(0, 1, 2, 0, 43, 7, keys);
    const samples: number[] = [];
    ledger.takeSecond(7, [], samples);
    expect(samples).toEqual([...[7, 1, 250, 20, 0, 0, 3, 60, 6, 42], ...[7, 1, 250, 10, 20, 2, 0, 70, 7, 43]]);
  });

  it.each([999, 1_000, 1_001, 1_999, 2_000, 2_001, 54_321])(
    'keeps at most 1,000 of %d evictions, evenly over the second, each standing for as many',
    (evictions) => {
      const ledger = new EvictionLedger([10], 8);
      for (let page = 0; page < evictions; page++) ledger.record(0, 0, 0, 0, 0, page, keys);
      const samples: number[] = [];
      ledger.takeSecond(0, [], samples);
      const rows = samples.length / 10;
      const everyNth = samples[1] ?? 0;
      expect(rows).toBeLessThanOrEqual(1_000);
      expect(rows).toBe(Math.ceil(evictions / everyNth));
      // As many as fit: twice the rows would be too many, unless all are there.
      expect(everyNth === 1 || Math.ceil(evictions / (everyNth / 2)) > 1_000).toBe(true);
      const pages = Array.from({ length: rows }, (_, row) => samples[row * 10 + 8]);
      expect(pages).toEqual(pages.map((_, row) => row * everyNth));
    },
  );

  it('goes on from a saved state in the middle of a second as if nothing had been', () => {
    const feed = (ledger: EvictionLedger, from: number, to: number): void => {
      for (let page = from; page < to; page++) {
        ledger.record(page % 3, (page % 4) - 1, page % 2, page % 8, page * 97, page, keys);
      }
    };
    const whole = new EvictionLedger([1, 2, 3], 8);
    feed(whole, 0, 5_000);
    const first = new EvictionLedger([1, 2, 3], 8);
    feed(first, 0, 2_345);
    const to = new StateWriter();
    first.save(to);
    const second = new EvictionLedger([1, 2, 3], 8);
    feed(second, 0, 17);
    second.restore(new StateReader(to.entries));
    feed(second, 2_345, 5_000);
    const taken = (ledger: EvictionLedger): number[][] => {
      const [rows, samples]: [number[], number[]] = [[], []];
      ledger.takeSecond(9, rows, samples);
      return [rows, samples];
    };
    expect(taken(second)).toEqual(taken(whole));
  });
});
