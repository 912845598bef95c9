import { resolve } from 'node:path';
import type { GuestColumn } from '#contract/samples.ts';
import { guestColumnIndex } from '#contract/samples.ts';
import { table } from '#main/cli/what-if/tables.ts';
import { Host } from '#main/host/host.ts';
import type { GuestConfig, HostConfig } from '#main/host/host-config.ts';
import { GUEST_WIDTH } from '#main/host/sample-columns.ts';
import { hostConfigOf } from '#main/scenario/host-config-of.ts';
import { parsePathSetting } from '#main/scenario/path-setting.ts';
import { readScenario } from '#main/scenario/read-scenario.ts';
import { type GuestTotals, type HostTotals, RunTotals } from '#main/scenario/run-totals.ts';
import type { Scenario } from '#main/scenario/scenario-schema.ts';
import { traceFilesIn } from '#main/scenario/open-scenario.ts';
import { readTrace } from '#main/trace/read-trace.ts';

/** A scenario of the gallery that was run. */
export interface ClaimRun {
  readonly scenario: Scenario;
  readonly config: HostConfig;
  readonly host: HostTotals;
  /** Pages that tmem may fill at the start. */
  readonly poolPages: number;
  readonly seconds: number;
  guest(name: string): GuestTotals;
  configOf(name: string): GuestConfig;
  /** A column of a guest, second by second. */
  course(name: string, column: GuestColumn): number[];
}

export interface Running {
  /** As `run --set`. */
  readonly settings?: readonly string[];
  readonly seconds?: number;
  /** Called at these host ms. */
  readonly at?: Readonly<Record<number, (host: Host) => void>>;
}

/** Runs a scenario of the gallery. */
export async function runClaim(name: string, running: Running = {}): Promise<ClaimRun> {
  const run = await prepareClaim(name, running);
  return run();
}

/** Reads a scenario of the gallery. @returns what runs it, each time anew */
export async function prepareClaim(
  name: string,
  { settings = [], seconds, at = {} }: Running = {},
): Promise<() => ClaimRun> {
  const file = resolve('resources/scenarios', `${name}.json`);
  const scenario = await readScenario(file, settings.map(parsePathSetting));
  const traces = await Promise.all(
    traceFilesIn(scenario, file, []).map(async (one) => (one === null ? null : await readTrace(one, {}))),
  );
  const config = hostConfigOf(scenario, scenario.seed, traces);
  return () => {
    const host = new Host(config);
    const endMs = 1000 * (seconds ?? scenario.forS ?? 60);
    for (const ms of Object.keys(at).map(Number)) {
      host.runTo(ms);
      at[ms]?.(host);
    }
    host.runTo(endMs);
    const samples = host.takeSamples();
    const totals = new RunTotals(config.guests.length);
    totals.add(samples);
    const placeOf = (guest: string): number => {
      const place = config.guests.findIndex((one) => one.name === guest);
      if (place < 0) throw new Error(`${name} has no guest ${guest}.`);
      return place;
    };
    const ofGuest = (guest: string): GuestConfig => {
      const found = config.guests[placeOf(guest)];
      if (found === undefined) throw new Error('Unreachable.');
      return found;
    };
    const ram = config.guests.reduce((sum, { ramPages, startMs = 0 }) => sum + (startMs === 0 ? ramPages : 0), 0);
    return {
      scenario,
      config,
      host: totals.host,
      poolPages: Math.min(config.totalPages - config.reservedPages - ram, config.ephemeralLimitPages ?? Infinity),
      seconds: samples.seconds,
      guest: (guest) => totals.guest(placeOf(guest)),
      configOf: ofGuest,
      course: (guest, column) =>
        Array.from({ length: samples.seconds }, (_, second) => {
          const row = second * config.guests.length + placeOf(guest);
          return samples.guests[row * GUEST_WIDTH + guestColumnIndex(column)] ?? NaN;
        }),
    };
  };
}

/** Sum of a column of a guest from a second on. */
export function since(run: ClaimRun, guest: string, column: GuestColumn, fromS: number): number {
  return run
    .course(guest, column)
    .slice(fromS)
    .reduce((sum, value) => sum + value, 0);
}

/** The claim of a run's scenario. */
export function claimOf({ scenario }: ClaimRun): NonNullable<Scenario['claim']> {
  if (scenario.claim === undefined) throw new Error(`${scenario.name} claims nothing.`);
  return scenario.claim;
}

/** Prints the table that a reader would want. */
export function show(run: ClaimRun, header: readonly string[], rows: readonly (readonly (string | number)[])[]): void {
  const { letter, sentence } = claimOf(run);
  const text = (cell: string | number): string => (typeof cell === 'number' ? cell.toLocaleString('en') : cell);
  process.stdout.write(`\n${letter}. ${sentence}\n${table([header, ...rows.map((row) => row.map(text))])}\n`);
}

/** A method of a class as it is, for a double to call. */
export function methodOf<C extends object, N extends keyof C>(prototype: C, name: N): C[N] {
  return prototype[name];
}
