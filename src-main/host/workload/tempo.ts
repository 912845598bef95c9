import { requireNumber, requireWhole } from '../config-value.ts';
import type { Random } from '../random.ts';

/** How fast a workload goes while nothing makes it wait. */
export interface TempoConfig {
  /** Page accesses a host second, if they took no time: the think time between them is 1 / this. 0.001 to 10,000,000. */
  readonly accessesPerS: number;
  /** Each think time is drawn evenly from mean × (1 ± this / 1000). 0 to 1000; 500. */
  readonly jitterPermille?: number;
}

const NS_PER_S = 1_000_000_000;

/** Draws think times, in whole nanoseconds, 1 or more. */
export class Tempo {
  private readonly meanNs: number;
  private readonly jitterPermille: number;
  private readonly random: Random;

  /** @throws ConfigValueError */
  constructor(place: string, config: TempoConfig, random: Random) {
    requireNumber(`${place}.accessesPerS`, config.accessesPerS, 0.001, 10_000_000);
    this.meanNs = Math.floor(NS_PER_S / config.accessesPerS);
    this.jitterPermille = config.jitterPermille ?? 500;
    requireWhole(`${place}.jitterPermille`, this.jitterPermille, 0, 1000);
    this.random = random;
  }

  /** Think time before a request of so many accesses, which follow each other without any. */
  beforeNs(accesses: number): number {
    return this.jitteredNs(this.meanNs * accesses);
  }

  /** A time drawn evenly from mean × (1 ± jitter), 1 or more. */
  jitteredNs(meanNs: number): number {
    return jittered(meanNs, this.jitterPermille, this.random);
  }
}

/** A whole number drawn evenly from mean × (1 ± permille / 1000), 1 or more. */
export function jittered(mean: number, permille: number, random: Random): number {
  const factor = 1000 - permille + random.below(2 * permille + 1);
  return Math.max(1, Math.floor((mean * factor) / 1000));
}
