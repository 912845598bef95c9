import type { HostConfig } from '#main/host/host-config.ts';
import { Random } from '#main/host/random.ts';
import type { CompactTrace } from '#main/host/workload/compact-trace.ts';
import type { NamedSetting } from '#main/what-if/changes.ts';
import type { PreparedStudy } from '#main/what-if/prepared-study.ts';
import type { StudyChange } from '#main/what-if/study.ts';
import { zipfReferences } from './error-studies.ts';
import { mixedReferences } from './random-study.ts';

function largeTrace(pages: readonly number[], distinctPages: number): CompactTrace {
  return {
    pages: Int32Array.from(pages),
    timesUs: null,
    writes: null,
    tenants: null,
    distinctPages,
    fileOfPage: new Int32Array(distinctPages),
    indexOfPage: Uint32Array.from({ length: distinctPages }, (_, page) => page),
    fileNames: ['file'],
  };
}

/** Four guests with so many pages that a tenth of them is enough for a sample. */
export function largeConfig(seed: number, kind: 'zipf' | 'mixed'): HostConfig {
  const random = new Random(seed, 41);
  const guests = Array.from({ length: 4 }, (_, place) => {
    const distinct = 40_000 + random.below(40_000);
    const pages =
      kind === 'zipf'
        ? zipfReferences(random, distinct, 600_000, 0.6 + random.below(60) / 100)
        : mixedReferences(random, distinct, 600_000);
    return {
      id: place + 1,
      name: `g${place + 1}`,
      trace: largeTrace(pages, distinct),
      pace: {
        phases: [{ ms: 60_000, accessesPerS: 6_000 + random.below(8_000) }],
        gapJitterPermille: 500,
        lengthJitterPermille: 200,
        startMs: 0,
      },
      ramPages: 3_000 + random.below(10_000),
      minPages: 1_000,
      maxPages: 1_000_000,
      weight: 50 + random.below(300),
    };
  });
  const ram = guests.reduce((sum, guest) => sum + guest.ramPages, 0);
  return {
    seed,
    totalPages: 1_000 + ram + 20_000 + random.below(80_000),
    reservedPages: 1_000,
    policy: 'max-over-share',
    idleTaxPermille: 0,
    idleTaxWindowS: 10,
    balloonPagesPerS: 512,
    guests,
  };
}

/** Settings of weights, some with a limit of the pool or an idle tax too. */
export function largeSettings(study: PreparedStudy, count: number): NamedSetting[] {
  const random = new Random(study.config.seed, 43);
  return Array.from({ length: count }, (_, at) => {
    const changes: StudyChange[] = [{ kind: 'weight', guestId: 1 + (at % 4), value: 20 + random.below(900) }];
    if (at % 3 === 1) changes.push({ kind: 'pool-limit', pages: 10_000 + random.below(60_000) });
    if (at % 5 === 4) changes.push({ kind: 'idle-tax', permille: 750 });
    return study.settingOf({ name: `a${at}`, changes });
  });
}
