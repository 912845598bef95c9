import type { HostConfig } from '#main/host/host-config.ts';
import { hostConfigOf } from '#main/scenario/host-config-of.ts';
import { traceFilesIn } from '#main/scenario/open-scenario.ts';
import type { PathSetting } from '#main/scenario/path-setting.ts';
import { readScenario } from '#main/scenario/read-scenario.ts';
import type { Scenario } from '#main/scenario/scenario-schema.ts';
import type { ReadTrace } from '#main/trace/format.ts';
import { readingOf, type TraceReadingOptions } from '../replay/trace-options.ts';
import { readTraces } from '../replay/traces.ts';

/** A scenario ready to be studied. */
export interface StudiedScenario {
  readonly scenario: Scenario;
  readonly config: HostConfig;
}

/**
 * Reads a scenario and its traces. A trace lies beside the scenario, in a folder `traces` beside the scenario's folder, or
 * in the folder given.
 * @param settings what to put into the scenario before it is checked
 * @param variant one of the scenario's own, or of those that every scenario has
 * @throws ConsoleError `bad-scenario`, `bad-trace`, `bad-argument`, `cancelled`
 */
export async function openScenario(
  file: string,
  {
    seed,
    traces: folder,
    store,
    settings = [],
    variant,
    ...reading
  }: TraceReadingOptions & {
    readonly seed?: number;
    readonly traces?: string;
    readonly store?: string;
    readonly settings?: readonly PathSetting[];
    readonly variant?: string;
  },
): Promise<StudiedScenario> {
  const scenario = await readScenario(file, settings, variant);
  const files = traceFilesIn(scenario, file, folder === undefined ? [] : [folder]);
  const read = new Map<string, ReadTrace>();
  const traces: (ReadTrace | null)[] = [];
  for (const [place, name] of files.entries()) {
    // What the scenario says of a guest's trace counts for that one, the options for the rest.
    const how = { ...reading, ...scenario.guests[place]?.reading };
    const key = JSON.stringify([name, how]);
    const trace =
      name === null ? null : (read.get(key) ?? (await readTraces([name], readingOf(how), store ?? null))[0]);
    traces.push(trace ?? null);
    if (trace) read.set(key, trace);
  }
  return { scenario, config: hostConfigOf(scenario, seed ?? scenario.seed, traces) };
}
