import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { digestOf, StateReader, StateWriter } from '#main/host/state.ts';
import {
  COMPRESSORS,
  type CompressorName,
  CONTENT_CLASSES,
  ContentAccounting,
} from '#main/host/tmem/content-accounting.ts';
import { EPHEMERAL_PRIVATE, PERSISTENT_PRIVATE } from '#main/host/tmem/options.ts';
import { TmemStore } from '#main/host/tmem/store.ts';

/** In these tests the class of a content is its low word modulo 4. */
const classOf = (lo: number): number => lo % 4;
const [INCOMPRESSIBLE, DENSE, LOOSE, ZERO] = [0, 1, 2, 3];
const OID = new Uint32Array(6);

function accounting(compressor: CompressorName | null, deduplicate: boolean): ContentAccounting {
  return new ContentAccounting({ compressor, deduplicate, classOf });
}

describe('accounting by content', () => {
  it('saves by ratio and charges each compression and decompression', () => {
    const account = accounting('lz4', false);
    for (let page = 0; page < 8; page++) account.stored(LOOSE, 0);
    // Eight pages at 4,096 / 2.5 bytes take four: four are saved.
    expect([account.pages, account.bytes, account.savedPages]).toEqual([8, 8 * 1638, 4]);
    account.read(LOOSE, 0);
    expect(account.cpuNs).toBe(8 * COMPRESSORS.lz4.compressNs + COMPRESSORS.lz4.decompressNs);
    expect(CONTENT_CLASSES).toHaveLength(4);
  });

  it('keeps what does not compress whole: paid for once, never decompressed', () => {
    const account = accounting('zstd', false);
    account.stored(INCOMPRESSIBLE, 0);
    account.read(INCOMPRESSIBLE, 0);
    expect([account.poor, account.savedPages, account.cpuNs]).toEqual([1, 0, COMPRESSORS.zstd.compressNs]);
  });

  it('keeps equal contents once, until the last copy goes', () => {
    const account = accounting(null, true);
    for (let copy = 0; copy < 5; copy++) account.stored(DENSE, 7);
    account.stored(DENSE, 8);
    expect([account.savedPages, account.duplicates, account.differentContents]).toEqual([4, 4, 2]);
    for (let copy = 0; copy < 4; copy++) account.removed(DENSE, 7);
    expect([account.pages, account.bytes]).toEqual([2, 8192]);
    account.removed(DENSE, 7);
    expect([account.pages, account.bytes, account.differentContents]).toEqual([1, 4096, 1]);
  });

  it('compresses a duplicate no second time', () => {
    const account = accounting('lzo', true);
    account.stored(ZERO, 0);
    const once = account.cpuNs;
    account.stored(ZERO, 0);
    expect(account.cpuNs - once).toBeLessThan(COMPRESSORS.lzo.compressNs);
    expect(account.savedPages).toBe(1);
  });

  it('counts as a plain map does, in whatever order contents come and go, and through a snapshot', () => {
    const contents = fc.array(fc.tuple(fc.nat(40), fc.nat(2), fc.boolean()), { maxLength: 300 });
    fc.assert(
      fc.property(contents, fc.constantFrom(null, 'lz4', 'zstd'), (events, compressor) => {
        let account = accounting(compressor, true);
        const copies = new Map<string, number>();
        for (const [lo, hi, comes] of events) {
          const key = `${lo}/${hi}`;
          const held = copies.get(key) ?? 0;
          if (!comes && held === 0) continue;
          if (comes) account.stored(lo, hi);
          else account.removed(lo, hi);
          copies.set(key, held + (comes ? 1 : -1));
          const kept = [...copies].filter(([, count]) => count > 0);
          const bytes = kept.map(([content]) => {
            const packed = compressor === null ? 4096 : COMPRESSORS[compressor].bytes[classOf(parseInt(content))];
            return packed ?? NaN;
          });
          expect(account.differentContents).toBe(kept.length);
          expect(account.bytes).toBe(bytes.reduce((sum, size) => sum + size, 0));
          const restored = accounting(compressor, true);
          restored.restore(new StateReader(entriesOf(account)));
          expect(digestOf(entriesOf(restored))).toBe(digestOf(entriesOf(account)));
          account = restored;
        }
      }),
    );
  });

  it('follows a store through puts, overwrites, gets, flushes, evictions and the end of a guest', () => {
    const account = accounting(null, true);
    const store = new TmemStore({ mode: 'default', heapPages: 20, policy: 'fifo', contentSink: account });
    store.createDomain(1, 0, 50);
    store.createDomain(2, 0, 50);
    store.newPool(0, EPHEMERAL_PRIVATE);
    store.newPool(1, PERSISTENT_PRIVATE);
    for (let index = 0; index < 30; index++) store.put(0, 0, OID, index, index % 3, 0);
    expect([account.pages, account.differentContents, account.savedPages]).toEqual([20, 3, 17]);
    store.put(0, 0, OID, 29, 99, 5);
    expect(account.differentContents).toBe(4);
    store.get(0, 0, OID, 29);
    store.flushPage(0, 0, OID, 28);
    for (let index = 0; index < 5; index++) store.put(1, 0, OID, index, 99, 5);
    expect([account.pages, account.differentContents]).toEqual([20, 4]);
    store.flushObject(0, 0, OID);
    expect([account.pages, account.bytes]).toEqual([5, 4096]);
    store.destroyDomain(1);
    expect([account.pages, account.bytes, account.differentContents]).toEqual([0, 0, 0]);
  });
});

function entriesOf(account: ContentAccounting): StateWriter['entries'] {
  const writer = new StateWriter();
  account.save(writer);
  return writer.entries;
}
