import { Host } from '#main/host/host.ts';
import type { GuestConfig, HostConfig } from '#main/host/host-config.ts';
import { Random } from '#main/host/random.ts';
import type { CompactTrace } from '#main/host/workload/compact-trace.ts';
import type { NamedSetting } from '#main/what-if/changes.ts';
import { PreparedStudy } from '#main/what-if/prepared-study.ts';
import type { AlternativeOutcome, StudyChange } from '#main/what-if/study.ts';
import { StudyError } from '#main/what-if/study-error.ts';
import { traceOf } from '../host/trace-of.ts';
import { mixedReferences } from './random-study.ts';

/** References whose pages are as popular as 1 / rank^alpha, popular pages scattered over the numbers. */
export function zipfReferences(random: Random, distinct: number, length: number, alpha: number): number[] {
  const cumulative = new Float64Array(distinct);
  let sum = 0;
  for (let rank = 0; rank < distinct; rank++) cumulative[rank] = sum += Math.pow(rank + 1, -alpha);
  const step = 7_919;
  return Array.from({ length }, () => {
    const wanted = (random.next() / 0x1_0000_0000) * sum;
    let low = 0;
    let high = distinct - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((cumulative[middle] ?? 0) < wanted) low = middle + 1;
      else high = middle;
    }
    return (low * step) % distinct;
  });
}

function workload(random: Random, real: readonly CompactTrace[]): CompactTrace {
  const distinct = 4_000 + random.below(12_000);
  const kind = random.below(5);
  if (kind < 2) return real[random.below(real.length)] ?? traceOf([0]);
  if (kind === 2) return traceOf(zipfReferences(random, distinct, 60_000, 0.6 + random.below(50) / 100));
  if (kind === 3) return traceOf(mixedReferences(random, distinct, 60_000));
  return traceOf(Array.from({ length: distinct }, (_, page) => page));
}

/** Two to five guests of real and generated traces with phases of their own, under weights, most without a tax. */
export function errorConfig(seed: number, real: readonly CompactTrace[]): HostConfig {
  const random = new Random(seed, 21);
  const guests = Array.from({ length: 2 + random.below(4) }, (_, place): GuestConfig => {
    const trace = workload(random, real);
    const steady = [{ ms: 60_000, accessesPerS: 500 + random.below(4_000) }];
    const phased = [
      { ms: 20_000 + random.below(40_000), accessesPerS: 1_000 + random.below(4_000) },
      { ms: 10_000 + random.below(30_000), accessesPerS: random.below(3) === 0 ? 0 : random.below(2_000) },
    ];
    const phases = random.below(3) === 0 ? phased : steady;
    return {
      id: place + 1,
      name: `g${place + 1}`,
      trace,
      pace: { phases, gapJitterPermille: 500, lengthJitterPermille: 200, startMs: random.below(5_000) },
      ramPages: 500 + random.below(trace.distinctPages >> 1),
      minPages: 100,
      maxPages: 100_000,
      weight: 20 + random.below(400),
    };
  });
  const ram = guests.reduce((sum, guest) => sum + guest.ramPages, 0);
  const distinct = guests.reduce((sum, guest) => sum + guest.trace.distinctPages, 0);
  return {
    seed,
    totalPages: 2_000 + ram + Math.floor((distinct - ram) * (0.05 + random.below(80) / 100)),
    reservedPages: 2_000,
    policy: 'max-over-share',
    idleTaxPermille: [0, 0, 750][random.below(3)] ?? 0,
    idleTaxWindowS: 10,
    balloonPagesPerS: 512,
    guests,
  };
}

/** Today's setting and four others: weights, a balloon, more RAM. */
function alternatives(random: Random, config: HostConfig): StudyChange[][] {
  const others = Array.from({ length: 4 }, () => {
    const changes: StudyChange[] = [];
    for (let more = 1 + random.below(3); more > 0; more--) {
      const guest = config.guests[random.below(config.guests.length)];
      if (guest === undefined) continue;
      const kind = random.below(6);
      const pages = Math.max(100, Math.floor((guest.ramPages * (50 + random.below(100))) / 100));
      if (kind < 4) changes.push({ kind: 'weight', guestId: guest.id, value: 10 + random.below(800) });
      else if (kind === 4) changes.push({ kind: 'balloon-target', guestId: guest.id, pages });
      else changes.push({ kind: 'host-size', pages: config.totalPages + random.below(5_000) });
    }
    return changes;
  });
  return [[], ...others];
}

/** A study of 60 to 180 host seconds, from a cold or a warm host, with its settings. */
export function errorStudy(
  seed: number,
  real: readonly CompactTrace[],
): { study: PreparedStudy; settings: NamedSetting[] } {
  const config = errorConfig(seed, real);
  const random = new Random(seed, 22);
  const host = new Host(config);
  host.runTo([0, 30_000, 90_000][random.below(3)] ?? 0);
  const study = new PreparedStudy({ config, state: host.snapshot() }, (60 + random.below(120)) * 1_000);
  const settings = alternatives(random, config).flatMap((changes, at) => {
    try {
      return [study.settingOf({ name: `a${at}`, changes })];
    } catch (error) {
      if (error instanceof StudyError) return [];
      throw error;
    }
  });
  return { study, settings };
}

/** True and stated errors of answers, in disk reads per access. */
export class ErrorTable {
  readonly true: number[] = [];
  readonly stated: number[] = [];
  /** The same for the host, all guests together. */
  readonly hostTrue: number[] = [];
  readonly hostStated: number[] = [];
  /** By case: the answers to the same question from sample to sample, by their places in {@link true}. */
  private readonly cases = new Map<string, number[]>();
  /** Pairs of alternatives that differ by more than their stated errors, and how many of them are in the right order. */
  pairs = 0;
  ordered = 0;

  /** Adds the answers for the alternatives of one study. */
  add(found: readonly AlternativeOutcome[], truth: readonly AlternativeOutcome[], study = ''): void {
    const ratio = (outcome: AlternativeOutcome | undefined): number =>
      (outcome?.host.diskReads ?? NaN) / (outcome?.host.accesses ?? NaN);
    found.forEach((outcome, at) => {
      this.hostTrue.push(Math.abs(ratio(outcome) - ratio(truth[at])));
      this.hostStated.push(outcome.host.error);
      outcome.guests.forEach((guest, place) => {
        const reads = truth[at]?.guests[place]?.diskReads ?? NaN;
        if (guest.accesses === 0) return;
        this.true.push(Math.abs(guest.diskReads - reads) / guest.accesses);
        this.stated.push(guest.error);
        const name = `${study}, ${outcome.name}, ${guest.name}`;
        this.cases.set(name, [...(this.cases.get(name) ?? []), this.true.length - 1]);
      });
      for (let other = 0; other < at; other++) {
        const apart = ratio(outcome) - ratio(found[other]);
        if (Math.abs(apart) <= outcome.host.error + (found[other]?.host.error ?? 0)) continue;
        this.pairs++;
        if (Math.sign(ratio(truth[at]) - ratio(truth[other])) === Math.sign(apart)) this.ordered++;
      }
    });
  }

  get covered(): number {
    return ErrorTable.within(this.true, this.stated);
  }
  get hostCovered(): number {
    return ErrorTable.within(this.hostTrue, this.hostStated);
  }

  private static within(errors: readonly number[], stated: readonly number[]): number {
    return errors.filter((error, at) => error <= (stated[at] ?? NaN) + 1e-12).length / errors.length;
  }

  /** Median stated by median true error. */
  get sharpness(): number {
    return ErrorTable.quantile(this.stated, 0.5) / ErrorTable.quantile(this.true, 0.5);
  }

  /** True deviation of each answer: of all samples of the same case. */
  private get deviations(): number[] {
    const deviations = this.true.map(() => NaN);
    for (const places of this.cases.values()) {
      const squares = places.reduce((sum, at) => sum + (this.true[at] ?? NaN) ** 2, 0);
      for (const at of places) deviations[at] = Math.sqrt(squares / places.length);
    }
    return deviations;
  }

  /** {@link sharpness} of an oracle that knows every deviation and states 1.96 of it, which covers 95 % of normal errors. */
  get oracle(): number {
    return (1.96 * ErrorTable.quantile(this.deviations, 0.5)) / ErrorTable.quantile(this.true, 0.5);
  }

  /**
   * {@link sharpness} in units of each case's own deviation, as if all cases varied alike: then 1.96 deviations, which normal errors
   * need, come to 2.9. Cases that err by less than 1 in 10,000 are left out.
   */
  get evenSharpness(): number {
    const { deviations } = this;
    const inUnits = (errors: readonly number[]): number[] =>
      errors.flatMap((error, at) => ((deviations[at] ?? 0) > 1e-4 ? [error / (deviations[at] ?? NaN)] : []));
    return ErrorTable.quantile(inUnits(this.stated), 0.5) / ErrorTable.quantile(inUnits(this.true), 0.5);
  }

  static quantile(values: readonly number[], part: number): number {
    const sorted = [...values].sort((a, b) => a - b);
    return sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? NaN;
  }

  line(name: string): string {
    const of = (values: readonly number[], part: number): string => ErrorTable.quantile(values, part).toFixed(5);
    return (
      `${name}: ${this.true.length} answers, covered ${(100 * this.covered).toFixed(1)} %, ` +
      `hosts ${(100 * this.hostCovered).toFixed(1)} % of ${this.hostTrue.length}, ` +
      `true median ${of(this.true, 0.5)} p90 ${of(this.true, 0.9)} p95 ${of(this.true, 0.95)}, ` +
      `stated median ${of(this.stated, 0.5)} p90 ${of(this.stated, 0.9)}, ` +
      `order right in ${this.ordered} of ${this.pairs} pairs`
    );
  }
}
