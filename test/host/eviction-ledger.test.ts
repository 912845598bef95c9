import { describe, expect, it } from 'vitest';
import { EvictionLedger } from '#main/host/eviction-ledger.ts';

describe('the ledger of evictions', () => {
  it('adds up who lost pages to whom and why, in order, and begins each second anew', () => {
    const ledger = new EvictionLedger([10, 20], 7);
    ledger.record(1, 0, 0);
    ledger.record(0, 0, 0);
    ledger.record(1, 0, 0);
    ledger.record(1, -1, 4);
    expect([...ledger.bySelf, ...ledger.byOthers, ...ledger.caused, ledger.total]).toEqual([1, 0, 0, 3, 2, 0, 4]);
    const rows: number[] = [];
    ledger.takeSecond(5, rows);
    expect(rows).toEqual([5, 10, 10, 0, 1, 5, 20, 0, 4, 1, 5, 20, 10, 0, 2]);
    ledger.takeSecond(6, rows);
    expect(rows).toHaveLength(15);
    expect([...ledger.bySelf, ...ledger.byOthers, ...ledger.caused, ledger.total]).toEqual([0, 0, 0, 0, 0, 0, 0]);
  });
});
