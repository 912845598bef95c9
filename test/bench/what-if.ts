import { cpus, loadavg } from 'node:os';
import { Host } from '#main/host/host.ts';
import type { HostConfig } from '#main/host/host-config.ts';
import { replayPool } from '#main/host/replay/pool-replay.ts';
import { buildTape } from '#main/host/replay/tape.ts';
import type { CompactTrace } from '#main/host/workload/compact-trace.ts';
import { runDistances } from '#main/what-if/distances.ts';
import { runFull } from '#main/what-if/full.ts';
import { PreparedStudy } from '#main/what-if/prepared-study.ts';
import { runStudy } from '#main/what-if/run-study.ts';
import { runScaled } from '#main/what-if/scaled.ts';
import { Slices } from '#main/what-if/slices.ts';
import { ENGINES } from '#main/what-if/study.ts';
import { tune } from '#main/what-if/tuner.ts';
import type { BenchTrace } from './generate.ts';
import { loopingTrace, zipfTrace } from './generate.ts';
import { runReference } from './reference-loop.ts';
import { benchAnswers } from './what-if-answers.ts';

/**
 * How fast the engines of the what-if are: accesses per second and setting, beside the reference loop (see
 * `reference-loop.ts`) in the same run. Run it with `npm run bench:what-if -- LOOPS answers|tuner|cancel|loop|zipf …`; absolute times
 * depend on the machine.
 */
const GUESTS = 4;
const SETTINGS = 16;
/** So many accesses a second of each guest that a trace is played in some host minutes. */
const ACCESSES_PER_S = 20_000;

/** Deals a trace to guests by page number. Each has no RAM to speak of, so that every access reaches the pool. */
function hostOf(trace: BenchTrace): HostConfig {
  const own: number[][] = Array.from({ length: GUESTS }, () => []);
  for (const page of trace.pages) own[page % GUESTS]?.push(Math.floor(page / GUESTS));
  const guests = own.map((pages, place) => ({
    id: place + 1,
    name: `guest ${place + 1}`,
    trace: compact(pages, Math.ceil(trace.distinct / GUESTS)),
    pace: {
      phases: [{ ms: 60_000, accessesPerS: ACCESSES_PER_S }],
      gapJitterPermille: 500,
      lengthJitterPermille: 0,
      startMs: 0,
    },
    ramPages: 64,
    minPages: 0,
    maxPages: 1_000_000,
    weight: 100 + 10 * place,
  }));
  return {
    seed: 1,
    totalPages: trace.poolPages + 64 * GUESTS,
    reservedPages: 0,
    policy: 'max-over-share',
    idleTaxPermille: 0,
    idleTaxWindowS: 10,
    balloonPagesPerS: 256,
    guests,
  };
}

function compact(pages: readonly number[], distinctPages: number): CompactTrace {
  return {
    pages: Int32Array.from(pages),
    timesUs: null,
    writes: null,
    tenants: null,
    distinctPages,
    fileOfPage: Int32Array.from({ length: distinctPages }, (_, page) => page >>> 12),
    indexOfPage: Uint32Array.from({ length: distinctPages }, (_, page) => page & 4095),
    fileNames: [],
  };
}

/** Wall time, and CPU time of this process, which a busy machine does not lengthen. */
async function timed<T>(work: () => Promise<T> | T): Promise<{ ms: number; cpuMs: number; result: T }> {
  const from = performance.now();
  const cpu = process.cpuUsage();
  const result = await work();
  const { user, system } = process.cpuUsage(cpu);
  return { ms: performance.now() - from, cpuMs: (user + system) / 1_000, result };
}

async function benchTrace(trace: BenchTrace): Promise<void> {
  const requests = trace.pages.length;
  const { ms: referenceMs } = runReference(trace);
  const line = (what: string, ms: number, accesses: number): void => {
    const speed = accesses / ms / 1_000;
    const ratio = speed / (requests / referenceMs / 1_000);
    console.log(
      `  ${what.padEnd(44)} ${ms.toFixed(0).padStart(7)} ms ${speed.toFixed(1).padStart(8)} M/s ${ratio.toFixed(2).padStart(7)} × reference`,
    );
  };
  console.log(
    `${trace.name}: ${requests.toLocaleString('en')} accesses, ${GUESTS} guests, pool ${trace.poolPages} pages`,
  );
  line('reference loop (one FIFO)', referenceMs, requests);
  const config = hostOf(trace);
  const horizonMs = Math.floor((1_000 * requests) / GUESTS / ACCESSES_PER_S);
  const study = new PreparedStudy({ config, state: null }, horizonMs);
  const { ms: recordMs, result: recording } = await timed(() => study.recording());
  const played = recording.pages.length;
  line('record the coming stretch (once)', recordMs, played);
  const { ms: distanceMs } = await timed(() => study.distances());
  line('stack distances (once)', distanceMs, played);
  const settings = Array.from({ length: SETTINGS }, (_, at) =>
    study.settingOf({ name: `w${at}`, changes: [{ kind: 'weight', guestId: 1 + (at % GUESTS), value: 50 + 37 * at }] }),
  );
  const { ms: tapeMs, result: tape } = await timed(() => study.tape(settings.map(({ setting }) => setting)));
  line('candidates (once)', tapeMs, played);
  const { ms: sweepMs, result: found } = await timed(async () => {
    const outcomes = [];
    for (const named of settings) outcomes.push(await runDistances(tape, study.parts, config, named, new Slices()));
    return outcomes;
  });
  line(`distances, ${SETTINGS} settings of weights, each`, sweepMs / SETTINGS, played);
  line(
    `distances, ${SETTINGS} settings, with all that is made once`,
    (recordMs + distanceMs + tapeMs + sweepMs) / SETTINGS,
    played,
  );
  const poolTape = buildTape(
    config.guests.map((guest) => ({ trace: guest.trace, ramPages: 64 })),
    'round-robin',
  );
  const { ms: cursorMs } = await timed(() =>
    replayPool(
      poolTape,
      settings.map(({ setting }) => ({
        poolPages: trace.poolPages,
        policy: 'max-over-share' as const,
        weights: setting.weights,
      })),
    ),
  );
  line(`log-cursor replay, ${SETTINGS} settings, each`, cursorMs / SETTINGS, requests);
  const { ms: curveMs, result: curves } = await timed(() => study.curves());
  line('curves (once)', curveMs, played);
  const answer = curves.newAnswer();
  const { ms: answersMs } = await timed(() => {
    for (let at = 0; at < 1_000; at++) {
      const named = settings[at % SETTINGS];
      if (named !== undefined) curves.answer(named.setting, answer);
    }
  });
  console.log(`  1,000 settings by curves: ${answersMs.toFixed(1)} ms`);
  const sample = await study.sample(0.1);
  const [named] = settings;
  if (named === undefined) return;
  const { ms: scaledMs } = await timed(() => runScaled(sample, study.parts, config, named, new Slices()));
  line(`scaled, rate ${sample.rate}`, scaledMs, played);
  const { ms: fullMs, result: full } = await timed(() =>
    runFull(study.start, study.parts, named, horizonMs, new Slices()),
  );
  line('full', fullMs, played);
  const same = full.host.diskReads === found[0]?.host.diskReads;
  console.log(`  distances and full run ${same ? 'agree to the digit' : 'DIFFER'}; ${full.host.diskReads} disk reads`);
  console.log(`  memory ${(process.memoryUsage.rss() / 1_048_576).toFixed(0)} MiB`);
}

/** A free search of the weights of 16 guests over a host minute, and 1,000 settings of them by curves. */
async function benchTuner(): Promise<void> {
  const one = hostOf(zipfTrace(400_000, 60_000, 0.8));
  const guests = Array.from({ length: 16 }, (_, place) => {
    const guest = one.guests[place % GUESTS];
    if (guest === undefined) throw new Error('No guest.');
    const pace = {
      ...guest.pace,
      phases: [
        { ms: 30_000, accessesPerS: 500 + 200 * place },
        { ms: 5_000, accessesPerS: 0 },
      ],
    };
    return { ...guest, id: place + 1, name: `guest ${place + 1}`, pace };
  });
  const config = { ...one, guests, totalPages: 60_000 + 64 * 16 };
  const host = new Host(config);
  host.runTo(30_000);
  const start = { config, state: host.snapshot() };
  const study = new PreparedStudy(start, 60_000);
  const curves = await study.curves();
  const named = study.settingOf({ name: 'today', changes: [] });
  const answer = curves.newAnswer();
  for (const idleTaxPermille of [0, 750]) {
    const setting = { ...named.setting, idleTaxPermille };
    const { ms, cpuMs } = await timed(() => {
      for (let at = 0; at < 1_000; at++)
        curves.answer(
          { ...setting, weights: setting.weights.map((weight, place) => weight + ((at * 7 + place * 13) % 200)) },
          answer,
        );
    });
    console.log(
      `16 guests: 1,000 settings by curves, idle tax ${idleTaxPermille / 1000}: ${ms.toFixed(1)} ms, CPU ${cpuMs.toFixed(1)} ms`,
    );
  }
  const objective = { kind: 'throughput', importance: new Map<number, number>() } as const;
  const { ms, cpuMs, result } = await timed(() => tune({ start, horizonMs: 60_000, objective, weights: null }));
  const gain = 100 * (1 - result.badness / result.badnessToday);
  console.log(
    `16 guests: tuner ${(ms / 1000).toFixed(1)} s, CPU ${(cpuMs / 1000).toFixed(1)} s, ${result.estimated} settings estimated, ${result.simulated} simulated, ${gain.toFixed(1)} % fewer disk reads`,
  );
}

/**
 * How long a cancelled study goes on, at the most: the longest time between two moments at which it looks. The bound holds
 * for a study in this process; one in a process of its own is killed at once.
 */
async function benchCancel(trace: BenchTrace): Promise<void> {
  const config = hostOf(trace);
  const horizonMs = Math.floor((1_000 * trace.pages.length) / GUESTS / ACCESSES_PER_S);
  const changes = [{ kind: 'weight', guestId: 1, value: 700 }] as const;
  const alternatives = [
    { name: 'as it is', changes: [] },
    { name: 'other', changes },
  ];
  for (const engine of ENGINES) {
    let lookedAt = performance.now();
    let longestMs = 0;
    const onProgress = (): void => {
      longestMs = Math.max(longestMs, performance.now() - lookedAt);
      lookedAt = performance.now();
    };
    const start = { config, state: new Host(config).snapshot() };
    lookedAt = performance.now();
    await runStudy({ start, horizonMs, alternatives, engine }, { onProgress });
    console.log(
      `cancel, ${engine}, ${trace.pages.length.toLocaleString('en')} accesses: within ${longestMs.toFixed(0)} ms`,
    );
  }
}

const loops = Number(process.argv[2] ?? 100);
/** Names of the parts to run; all where none is given. */
const wanted = process.argv.slice(3);
console.log(
  `load ${loadavg()
    .map((load) => load.toFixed(1))
    .join(' ')} on ${cpus().length} cores, Node ${process.versions.node}`,
);
const parts = {
  answers: () => benchAnswers(),
  tuner: () => benchTuner(),
  cancel: () => benchCancel(zipfTrace(40_000 * loops)),
  loop: () => benchTrace(loopingTrace(loops)),
  zipf: () => benchTrace(zipfTrace(200_000 * loops)),
};
for (const [name, run] of Object.entries(parts)) if (wanted.length === 0 || wanted.includes(name)) await run();
