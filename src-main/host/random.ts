import type { StateReader, StateWriter } from './state.ts';

/**
 * Seeded pseudo-random numbers, sfc32 (Chris Doty-Humphrey, PractRand): 128 bits of state, integer operations only, the
 * same sequence on every machine. One generator per guest, so that adding a guest does not change the others.
 */
export class Random {
  private readonly state = new Uint32Array(4);

  /** A stream for each pair of seed (0 … 2^53 − 1) and stream number. */
  constructor(seed: number, stream: number) {
    this.state[0] = seed % 0x1_0000_0000;
    this.state[1] = Math.floor(seed / 0x1_0000_0000);
    this.state[2] = stream;
    this.state[3] = 1;
    for (let round = 0; round < 15; round++) this.next();
  }

  /** A whole number from 0 to 2^32 − 1. */
  next(): number {
    const s = this.state;
    const sum = (s[0] + s[1] + s[3]) >>> 0;
    s[3]++;
    s[0] = s[1] ^ (s[1] >>> 9);
    s[1] = s[2] + (s[2] << 3);
    s[2] = ((s[2] << 21) | (s[2] >>> 11)) + sum;
    return sum;
  }

  /** A whole number from 0 to `limit − 1`; `limit` from 1 to 2^32. Multiply-shift: bias under 2^-21 for limits to 2^11. */
  below(limit: number): number {
    return Math.floor((this.next() * limit) / 0x1_0000_0000);
  }

  save(to: StateWriter): void {
    to.array('random', this.state);
  }

  restore(from: StateReader): void {
    this.state.set(from.array('random', Uint32Array));
  }
}
