import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { ConsoleError } from '#contract/errors.ts';
import type { HostConfig } from '../host/host-config.ts';
import type { CompactTrace } from '../host/workload/compact-trace.ts';
import { type HowToRead, readOptionsOf } from '../trace/how-to-read.ts';
import { loadTrace, STORED_ENDING } from '../trace/load-trace.ts';
import { TraceError } from '../trace/trace-error.ts';
import { hostConfigOf } from './host-config-of.ts';
import { readScenario } from './read-scenario.ts';
import type { Scenario } from './scenario-schema.ts';

/** A scenario with all that its host needs. */
export interface OpenedScenario {
  readonly scenario: Scenario;
  readonly config: HostConfig;
  /** Where the trace of each guest is; null for those that play none. */
  readonly traceFiles: readonly (string | null)[];
}

/** Where the parts of a scenario are looked for, and kept. */
export interface ScenarioPlaces {
  /** Folders of traces besides the scenario's own and `traces` beside that, in the order in which they are searched. */
  readonly traceFolders: readonly string[];
  /** Where decoded traces are kept. */
  readonly cacheFolder: string;
  /** Replaces the scenario's seed where given. */
  readonly seed?: number | null;
  /** Which variant of the file; as it is unless given. */
  readonly variant?: string;
}

/**
 * Where the traces of a scenario are, by guest; null for a guest that plays none. Each is looked for under the name that the
 * scenario gives it, then in the stored form in which imports keep it. What is nowhere is named in the last folder.
 */
export function traceFilesIn({ guests }: Scenario, file: string, folders: readonly string[]): (string | null)[] {
  const home = dirname(resolve(file));
  const places = [home, resolve(home, '..', 'traces'), ...folders.map((folder) => resolve(folder))];
  return guests.map(({ trace }) => {
    if (trace === undefined) return null;
    const named = places.flatMap((place) => [resolve(place, trace), resolve(place, `${trace}${STORED_ENDING}`)]);
    return named.find((one) => existsSync(one)) ?? resolve(places.at(-1) ?? home, trace);
  });
}

/**
 * Reads a scenario and its traces.
 * @throws ConsoleError `bad-scenario` with the JSON path of the place, `bad-trace`
 */
export async function openScenario(file: string, places: ScenarioPlaces): Promise<OpenedScenario> {
  const scenario = await readScenario(file, [], places.variant);
  const traceFiles = traceFilesIn(scenario, file, places.traceFolders);
  // Guests that play the same file, clones or lives of one, share what was read of it.
  const read = new Map<string, Promise<CompactTrace>>();
  const readOnce = (one: string, how: HowToRead): Promise<CompactTrace> => {
    const key = JSON.stringify([one, how]);
    const reading = read.get(key) ?? traceOf(one, places.cacheFolder, how);
    read.set(key, reading);
    return reading;
  };
  const traces = await Promise.all(
    traceFiles.map((one, place) =>
      one === null ? Promise.resolve(null) : readOnce(one, scenario.guests[place]?.reading ?? {}),
    ),
  );
  return { scenario, config: hostConfigOf(scenario, places.seed ?? scenario.seed, traces), traceFiles };
}

async function traceOf(file: string, cacheFolder: string, how: HowToRead): Promise<CompactTrace> {
  try {
    return (await loadTrace(file, cacheFolder, readOptionsOf(how))).trace;
  } catch (error) {
    if (error instanceof TraceError) throw new ConsoleError('bad-trace', error.message, error.remedy, { cause: error });
    throw error;
  }
}
