import { Host } from '../host/host.ts';
import type { HostConfig } from '../host/host-config.ts';
import { Random } from '../host/random.ts';
import { type StateEntry, StateWriter } from '../host/state.ts';
import { createWorkload } from '../host/workload/create-workload.ts';
import { applyCommand } from './changes.ts';
import { firstOf, NotedWorkload, type Script, SCRIPT_ENTRY, ScriptWorkload } from './script.ts';
import type { Slices } from './slices.ts';
import { openLoop, workloadOf } from './start-state.ts';
import type { SeenPast, StudyStart } from './study.ts';

const NS_PER_MS = 1_000_000;
const NS_PER_S = 1_000_000_000;
/** Host ms run at a time: so exactly it is known when a guest that waits for disks was last at work. */
const STEP_MS = 20;

/**
 * The start of a forecast: the host as it is, whose guests from now on do again what they were seen to do. What they will do
 * is not looked at, nor when their next operation is due, so no seed and nothing that happens later changes the forecast.
 *
 * What was seen is written down by running the host through the stretch again from its beginning, with the commands that
 * were given then: which operations fell into the stretch depends on how long each took.
 */
export async function forecastFrom(
  config: HostConfig,
  past: SeenPast,
  now: readonly StateEntry[],
  slices: Slices,
): Promise<StudyStart> {
  const scripts = await scriptsOf(config, past, now, slices);
  const guests = config.guests.map((guest, place) => ({
    ...guest,
    workload: {
      kind: 'made' as const,
      make: (random: Random) => new ScriptWorkload(scripts[place], createWorkload(workloadOf(guest), random)),
    },
  }));
  // What a scenario has in store for later is not known either.
  const scriptedConfig = { ...config, guests, commands: [] };
  return {
    config: scriptedConfig,
    state: scripted(config, now, scripts),
    source: config,
    ...(past.seen === undefined ? {} : { seen: past.seen }),
  };
}

async function scriptsOf(
  config: HostConfig,
  past: SeenPast,
  now: readonly StateEntry[],
  slices: Slices,
): Promise<readonly Script[]> {
  const noted: NotedWorkload[] = [];
  const guests = config.guests.map((guest, place) => ({
    ...guest,
    workload: {
      kind: 'made' as const,
      make: (random: Random) => (noted[place] = new NotedWorkload(createWorkload(workloadOf(guest), random))),
    },
  }));
  const host = new Host({ ...config, guests });
  const state = past.state ?? new Host(config).snapshot();
  host.restore(state);
  const fromMs = host.hostMs;
  const toMs = timeOf(now);
  const firstNs = pendingOf(state).map((ns) => ns - (fromMs % 1000) * NS_PER_MS);
  const before = noted.map(({ length }) => length);
  // Where operations take no time, when the last one was is the sum of the think times.
  const isFree = openLoop(config);
  const lastMs = noted.map(() => fromMs);
  const runTo = async (ms: number): Promise<void> => {
    while (host.hostMs < ms) {
      host.runTo(Math.min(ms, host.hostMs + STEP_MS));
      host.takeSamples();
      noted.forEach(({ length }, place) => {
        if (length === before[place]) return;
        before[place] = length;
        lastMs[place] = host.hostMs;
      });
      if (slices.isDue()) await slices.turn((host.hostMs - fromMs) / (toMs - fromMs));
    }
  };
  for (const command of past.commands) {
    await runTo(command.hostMs);
    applyCommand(host, command);
  }
  await runTo(toMs);
  const spanNs = (toMs - fromMs) * NS_PER_MS;
  return noted.map((guest, place) =>
    guest.script(firstNs[place], (thoughtNs) =>
      isFree ? spanNs - thoughtNs : Math.max(0, (toMs - lastMs[place]) * NS_PER_MS),
    ),
  );
}

/** A state whose guests go by scripts: each waits for the first operation of its own. */
function scripted(config: HostConfig, state: readonly StateEntry[], scripts: readonly Script[]): StateEntry[] {
  const nowNs = (timeOf(state) % 1000) * NS_PER_MS;
  const entries: StateEntry[] = [];
  let guest = 0;
  let names = entriesOfWorkload(config, guest);
  for (const entry of state) {
    entries.push(
      entry.name === PENDING_ENTRY
        ? {
            name: entry.name,
            // A guest that ended does not come back.
            values: Float64Array.from(entry.values, (ns, place) =>
              ns === Infinity ? ns : nowNs + firstOf(scripts[place]),
            ),
          }
        : entry,
    );
    // Behind the entries of each guest's own workload, which stand together.
    const last = entries.slice(-names.length);
    if (names.length > 0 && last.every(({ name }, at) => name === names[at])) {
      entries.push({ name: SCRIPT_ENTRY, values: Float64Array.of(0) });
      names = entriesOfWorkload(config, ++guest);
    }
  }
  return entries;
}

/** Next operation of each guest, in ns since the host second began. */
const PENDING_ENTRY = 'host order';

function pendingOf(state: readonly StateEntry[]): number[] {
  return Array.from(state.find(({ name }) => name === PENDING_ENTRY)?.values ?? []);
}

/** Host ms of a state. */
function timeOf(state: readonly StateEntry[]): number {
  const [second, nowNs] = state.find(({ name }) => name === 'host')?.values ?? [NaN, NaN];
  return (second * NS_PER_S + nowNs) / NS_PER_MS;
}

/** The names under which a guest's workload is saved. */
function entriesOfWorkload(config: HostConfig, place: number): string[] {
  const guest = config.guests.at(place);
  if (guest === undefined) return [];
  const to = new StateWriter();
  createWorkload(workloadOf(guest), new Random(config.seed, guest.id)).save(to);
  return to.entries.map(({ name }) => name);
}
