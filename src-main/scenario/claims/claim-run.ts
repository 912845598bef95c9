import { GUEST_COLUMNS, type GuestColumn, guestColumnIndex } from '#contract/samples.ts';
import { Host } from '../../host/host.ts';
import type { GuestConfig, HostConfig } from '../../host/host-config.ts';
import type { SampleBatch } from '../../host/sample-batch.ts';
import { type GuestTotals, type HostTotals, RunTotals } from '../run-totals.ts';

/** Host ms run in one step. */
const STEP_MS = 100;
const MS_PER_S = 1_000;

/** What a probe saw of the host at one moment. */
export interface Probe {
  /** RAM of a guest in pages. */
  ramPages(name: string): number;
  /** Bytes that the stored pages would take; NaN where contents are not accounted for. */
  readonly storedBytes: number;
}

/** The samples of guests and host of a whole run. */
type Samples = Pick<SampleBatch, 'seconds' | 'host' | 'guests'>;

/** A run of a scenario from its beginning, as a claim looks at it. */
export interface ClaimRun {
  readonly config: HostConfig;
  readonly host: HostTotals;
  /** Pages that tmem may fill at the start. */
  readonly poolPages: number;
  readonly seconds: number;
  readonly samples: Samples;
  guest(name: string): GuestTotals;
  configOf(name: string): GuestConfig;
  /** A column of a guest, second by second. */
  course(name: string, column: GuestColumn): number[];
  /** What was seen at one of the host ms that were asked for. */
  probe(ms: number): Probe;
}

interface Observing {
  /** Whole host ms at which the host is to be looked at. */
  readonly probesMs?: readonly number[];
  /** False: samples that were taken are forgotten, and there is no {@link ObservedRun.result}. True unless given. */
  readonly keeps?: boolean;
}

/** Runs a host step by step, so that whoever runs it can do something between the steps. */
export class ObservedRun {
  readonly host: Host;
  private readonly config: HostConfig;
  private readonly endMs: number;
  private readonly probesMs: readonly number[];
  private readonly probes = new Map<number, Probe>();
  private readonly kept: SampleBatch[] = [];
  private readonly keeps: boolean;

  /** @param seconds whole host seconds */
  constructor(config: HostConfig, seconds: number, { probesMs = [], keeps = true }: Observing = {}) {
    this.config = config;
    this.keeps = keeps;
    this.endMs = seconds * MS_PER_S;
    this.probesMs = probesMs.filter((ms) => ms <= this.endMs);
    this.host = new Host(config);
  }

  /** Part that is done, 0 to 1. */
  get done(): number {
    return this.host.hostMs / this.endMs;
  }

  /** One step. @returns whether there is another */
  advance(): boolean {
    const { host, endMs } = this;
    const nextProbe = Math.min(...this.probesMs.filter((ms) => ms > host.hostMs));
    host.runTo(Math.min(endMs, nextProbe, host.hostMs + STEP_MS));
    if (host.hostMs === nextProbe) this.probes.set(nextProbe, this.look());
    return host.hostMs < endMs;
  }

  /** The samples of the seconds that ended since the last call. */
  take(): SampleBatch {
    const batch = this.host.takeSamples();
    if (this.keeps) this.kept.push(batch);
    return batch;
  }

  /** What came of it, once it has come to its end. */
  result(): ClaimRun {
    this.take();
    return claimRun(this.config, joined(this.kept), this.probes);
  }

  private look(): Probe {
    const ram = new Map(this.config.guests.map(({ id, name }) => [name, this.host.guest(id)?.ramPages ?? NaN]));
    return { ramPages: (name) => ram.get(name) ?? NaN, storedBytes: this.host.storedBytes ?? NaN };
  }
}

function joined(batches: readonly SampleBatch[]): Samples {
  const join = (of: (batch: SampleBatch) => Float64Array<ArrayBuffer>): Float64Array<ArrayBuffer> => {
    const all = new Float64Array(batches.reduce((sum, batch) => sum + of(batch).length, 0));
    let at = 0;
    for (const batch of batches) {
      all.set(of(batch), at);
      at += of(batch).length;
    }
    return all;
  };
  const seconds = batches.reduce((sum, batch) => sum + batch.seconds, 0);
  return { seconds, host: join(({ host }) => host), guests: join(({ guests }) => guests) };
}

function claimRun(config: HostConfig, samples: Samples, probes: ReadonlyMap<number, Probe>): ClaimRun {
  const totals = new RunTotals(config.guests.length);
  totals.add(samples);
  const placeOf = (name: string): number => {
    const place = config.guests.findIndex((one) => one.name === name);
    if (place < 0) throw new RangeError(`There is no guest ${name}.`);
    return place;
  };
  const ram = config.guests.reduce((sum, { ramPages, startMs = 0 }) => sum + (startMs === 0 ? ramPages : 0), 0);
  return {
    config,
    samples,
    host: totals.host,
    poolPages: Math.min(config.totalPages - config.reservedPages - ram, config.ephemeralLimitPages ?? Infinity),
    seconds: samples.seconds,
    guest: (name) => totals.guest(placeOf(name)),
    configOf: (name) => {
      const found = config.guests[placeOf(name)];
      if (found === undefined) throw new RangeError(`There is no guest ${name}.`);
      return found;
    },
    course: (name, column) =>
      Array.from({ length: samples.seconds }, (_, second) => {
        const row = second * config.guests.length + placeOf(name);
        return samples.guests[row * GUEST_COLUMNS.length + guestColumnIndex(column)] ?? NaN;
      }),
    probe: (ms) => probes.get(ms) ?? { ramPages: () => NaN, storedBytes: NaN },
  };
}

/** Sum of a column of a guest from a second on. */
export function since(run: ClaimRun, name: string, column: GuestColumn, fromS: number): number {
  return run
    .course(name, column)
    .slice(fromS)
    .reduce((sum, value) => sum + value, 0);
}
