import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { Host } from '#main/host/host.ts';
import type { HostConfig } from '#main/host/host-config.ts';
import { hostConfigOf, readScenario, type Scenario } from '#main/host-thread/scenario.ts';
import { Slices } from '#main/what-if/slices.ts';
import type { StudyOptions, StudyStart } from '#main/what-if/study.ts';
import { readTraces } from '../replay/traces.ts';

/** Host ms run between two looks at the clock. */
const STEP_MS = 100;

/** A scenario ready to be studied. */
export interface StudiedScenario {
  readonly scenario: Scenario;
  readonly config: HostConfig;
}

/**
 * Reads a scenario and its traces. A trace lies beside the scenario, in a folder `traces` beside the scenario's folder, or
 * in the folder given.
 * @throws ConsoleError `bad-scenario`, `bad-trace`, `cancelled`
 */
export async function openScenario(
  file: string,
  { seed, traces, store }: { readonly seed?: number; readonly traces?: string; readonly store?: string },
): Promise<StudiedScenario> {
  const scenario = await readScenario(file);
  const home = dirname(resolve(file));
  const folders = traces === undefined ? [home, resolve(home, '..', 'traces')] : [resolve(traces)];
  const files = scenario.guests.map(({ trace }) => {
    const places = folders.map((folder) => resolve(folder, trace));
    return places.find((place) => existsSync(place)) ?? places.at(-1) ?? trace;
  });
  const read = await readTraces(files, {}, store ?? null);
  return { scenario, config: hostConfigOf(scenario, seed ?? scenario.seed, read) };
}

/** The host of a scenario at a host time: run from its beginning to there. */
export async function startAt(config: HostConfig, atMs: number, options: StudyOptions): Promise<StudyStart> {
  if (atMs === 0) return { config, state: null };
  const host = new Host(config);
  const slices = new Slices(options);
  while (host.hostMs < atMs) {
    host.runTo(Math.min(atMs, host.hostMs + STEP_MS));
    // Samples before the start are nobody's.
    host.takeSamples();
    if (slices.isDue()) await slices.turn(host.hostMs / atMs);
  }
  return { config, state: host.snapshot() };
}
