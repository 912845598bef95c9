import { describe, expect, it } from 'vitest';
import { Random } from '#main/host/random.ts';
import { StateReader, StateWriter } from '#main/host/state.ts';
import { type Pace, TracePlayer } from '#main/host/workload/trace-player.ts';
import { FILE_READ, FILE_WRITE } from '#main/host/workload/workload.ts';
import { traceOf } from '../trace-of.ts';

const trace = traceOf([0, 1, 2, 1]);
const steady: Pace = {
  phases: [{ ms: 10_000, accessesPerS: 1_000 }],
  gapJitterPermille: 500,
  lengthJitterPermille: 0,
  startMs: 0,
};

const gaps = (player: TracePlayer, count: number): number[] => Array.from({ length: count }, () => player.nextGapNs());

describe('a trace played at a stated pace', () => {
  it('gives the references in recorded order and starts again at the end', () => {
    const player = new TracePlayer(trace, steady, new Random(1, 1));
    expect(Array.from({ length: 10 }, () => player.nextPage())).toEqual([0, 1, 2, 1, 0, 1, 2, 1, 0, 1]);
  });

  it('reads and writes where the recording does, and tells what is known of the contents, over and over', () => {
    const contentHashes = Uint32Array.of(1, 10, 2, 20);
    const known = { writes: Uint8Array.of(0, 1, 0, 1), contents: Int32Array.of(1, 2, 0, 2), contentHashes };
    const player = new TracePlayer(traceOf([0, 1, 2, 1], known), steady, new Random(1, 1));
    expect(player.contentHashes).toBe(contentHashes);
    const played = Array.from({ length: 6 }, () => {
      player.next();
      return [player.operation, player.page, player.content];
    });
    const once = [
      [FILE_READ, 0, 1],
      [FILE_WRITE, 1, 2],
      [FILE_READ, 2, 0],
      [FILE_WRITE, 1, 2],
    ];
    expect(played).toEqual([...once, ...once.slice(0, 2)]);
  });

  it('only reads where the recording has no writes', () => {
    const player = new TracePlayer(trace, steady, new Random(1, 1));
    const played = Array.from({ length: 4 }, () => {
      player.next();
      return [player.operation, player.content];
    });
    expect(played).toEqual(Array.from({ length: 4 }, () => [FILE_READ, 0]));
  });

  it('keeps the stated rate on average and every gap within the jitter', () => {
    const drawn = gaps(new TracePlayer(trace, steady, new Random(7, 1)), 20_000);
    expect(Math.min(...drawn)).toBeGreaterThanOrEqual(500_000);
    expect(Math.max(...drawn)).toBeLessThanOrEqual(1_500_000);
    const mean = drawn.reduce((sum, gap) => sum + gap, 0) / drawn.length;
    expect(Math.abs(mean - 1_000_000)).toBeLessThan(10_000);
    expect(drawn.every(Number.isInteger)).toBe(true);
  });

  it('waits through a quiet phase and through its late start', () => {
    const pace: Pace = {
      phases: [
        { ms: 1_000, accessesPerS: 10 },
        { ms: 5_000, accessesPerS: 0 },
      ],
      gapJitterPermille: 0,
      lengthJitterPermille: 0,
      startMs: 300,
    };
    const drawn = gaps(new TracePlayer(trace, pace, new Random(1, 1)), 11);
    expect(drawn[0]).toBe(400_000_000);
    expect(drawn.slice(1, 10)).toEqual(Array.from({ length: 9 }, () => 100_000_000));
    expect(drawn[10]).toBe(5_100_000_000);
  });

  it('differs with the seed and with the guest, and repeats with both the same', () => {
    const of = (seed: number, stream: number) => gaps(new TracePlayer(trace, steady, new Random(seed, stream)), 50);
    expect(of(1, 1)).toEqual(of(1, 1));
    expect(of(1, 1)).not.toEqual(of(2, 1));
    expect(of(1, 1)).not.toEqual(of(1, 2));
  });

  it('goes on from a snapshot as if nothing had happened', () => {
    const player = new TracePlayer(trace, steady, new Random(3, 2));
    gaps(player, 33);
    player.nextPage();
    const writer = new StateWriter();
    player.save(writer);
    const copy = new TracePlayer(trace, steady, new Random(0, 0));
    copy.restore(new StateReader(writer.entries));
    expect([gaps(copy, 100), copy.nextPage()]).toEqual([gaps(player, 100), player.nextPage()]);
  });
});
