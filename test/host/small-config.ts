import type { HostConfig } from '#main/host/host-config.ts';
import { traceOf } from './trace-of.ts';

/** Two guests that loop over more pages than they have RAM, on a host with little to spare. */
export function smallConfig(): HostConfig {
  const loop = (length: number) => traceOf(Array.from({ length }, (_, page) => page));
  const pace = {
    phases: [{ ms: 10_000, accessesPerS: 500 }],
    gapJitterPermille: 500,
    lengthJitterPermille: 200,
    startMs: 0,
  };
  return {
    seed: 5,
    totalPages: 300,
    reservedPages: 20,
    policy: 'max-over-share',
    idleTaxPermille: 750,
    idleTaxWindowS: 10,
    balloonPagesPerS: 20,
    guests: [
      { id: 1, name: 'one', trace: loop(200), pace, ramPages: 60, minPages: 10, maxPages: 120, weight: 100 },
      { id: 2, name: 'two', trace: loop(300), pace, ramPages: 50, minPages: 10, maxPages: 120, weight: 100 },
    ],
  };
}
