import { defineStore } from 'pinia';
import { computed, markRaw, shallowReactive, shallowRef } from 'vue';
import type { Verdict } from '#contract/claims.ts';
import type { ConsoleError } from '#contract/errors.ts';
import type { RequestAnswer } from '#contract/requests.ts';
import type { ScenarioEntry, ScenarioRef, TraceEntry } from '#contract/scenarios.ts';
import { consoleErrorOf, useConnection } from './connection.ts';
import { useLive } from './live.ts';
import { createWorkRun, type WorkRun } from './work-run.ts';

/** What tells one scenario file from another. */
export function keyOf({ origin, file }: ScenarioRef): string {
  return `${origin}:${file}`;
}

/** What a scenario is called: by itself, or by its file where that cannot be read. */
export function nameOf({ summary, scenario }: ScenarioEntry): string {
  return summary?.name ?? scenario.file;
}

/** An import of this window, under the name of the file that is read. */
export interface ImportRun {
  readonly file: string;
  readonly run: WorkRun;
}

/** What was done, and how that is undone: by opening the former scenario, or by putting back what was removed. */
interface Outcome {
  readonly text: string;
  readonly undo: 'open' | { readonly what: Removable; readonly removed: string } | null;
}
type Removable = 'scenarios' | 'traces';

/** What the names of imported traces end with, besides the name of their file. */
const STORED = /\.tmemtrace$/;

/** The scenarios and traces at hand, the trials of this window, and which scenario is the live host. */
export const useScenarios = defineStore('scenarios', () => {
  const connection = useConnection();
  const live = useLive();
  const list = shallowRef<RequestAnswer<'scenarios.list'> | null>(null);
  const listFailure = shallowRef<ConsoleError | null>(null);
  const traces = shallowRef<RequestAnswer<'traces.list'> | null>(null);
  const tracesFailure = shallowRef<ConsoleError | null>(null);
  const view = shallowRef<'gallery' | 'traces'>('gallery');
  const chosenKey = shallowRef<string | null>(null);
  /** How the next trial differs from its file. */
  const variant = shallowRef('as-is');
  /** The last trial of each scenario, and whether its claim held when it was checked last. */
  const trials = shallowReactive(new Map<string, WorkRun>());
  const verdicts = shallowReactive(new Map<string, Verdict>());
  const imports = shallowRef<readonly ImportRun[]>([]);
  /** Why the last file was not added, or the last import not begun. */
  const addFailure = shallowRef<ConsoleError | null>(null);
  const importFailure = shallowRef<ConsoleError | null>(null);
  const opening = shallowRef(false);
  const openFailure = shallowRef<ConsoleError | null>(null);
  const removing = shallowRef(false);
  const removeFailure = shallowRef<ConsoleError | null>(null);
  /** What was done last, in a sentence, and how it is undone. */
  const outcome = shallowRef<Outcome | null>(null);

  const entries = computed<readonly ScenarioEntry[]>(() => list.value?.scenarios ?? []);
  const openedKey = computed(() => (list.value === null ? null : keyOf(list.value.opened)));
  const chosen = computed(() => entries.value.find(({ scenario }) => keyOf(scenario) === chosenKey.value) ?? null);
  const former = computed(() => {
    const ref = list.value?.former ?? null;
    return ref === null ? null : (entries.value.find(({ scenario }) => keyOf(scenario) === keyOf(ref)) ?? null);
  });

  async function load(): Promise<void> {
    try {
      const found = await connection.request('scenarios.list', {});
      list.value = found;
      listFailure.value = null;
      if (chosen.value === null) chosenKey.value = firstKey(found);
    } catch (thrown) {
      listFailure.value = consoleErrorOf(thrown);
    }
  }

  /** The live one, else the first there is. */
  function firstKey({ scenarios, opened }: RequestAnswer<'scenarios.list'>): string | null {
    const first = scenarios.find(({ scenario }) => keyOf(scenario) === keyOf(opened)) ?? scenarios[0];
    return first === undefined ? null : keyOf(first.scenario);
  }

  async function loadTraces(): Promise<void> {
    try {
      traces.value = await connection.request('traces.list', {});
      tracesFailure.value = null;
    } catch (thrown) {
      tracesFailure.value = consoleErrorOf(thrown);
    }
  }

  async function add(): Promise<void> {
    addFailure.value = null;
    try {
      const { added } = await connection.request('scenarios.add', {});
      if (added === null) return;
      chosenKey.value = keyOf(added);
      await load();
      outcome.value = { text: `Added ${added.file} to your own scenarios.`, undo: null };
    } catch (thrown) {
      addFailure.value = consoleErrorOf(thrown);
    }
  }

  function trialOf(scenario: ScenarioRef): WorkRun {
    const key = keyOf(scenario);
    const known = trials.get(key);
    if (known !== undefined) return known;
    const fresh = markRaw(createWorkRun());
    trials.set(key, fresh);
    return fresh;
  }

  /** @param named the variant that is wanted */
  function tryOut(scenario: ScenarioRef, named: string): Promise<void> {
    const sent = { scenario: { ...scenario }, variant: named };
    return trialOf(scenario).run(async () => (await connection.request('scenarios.try', sent)).id);
  }

  /** Makes all runs that the claim of a scenario is about. */
  async function check(scenario: ScenarioRef): Promise<void> {
    const run = trialOf(scenario);
    await run.run(async () => (await connection.request('scenarios.check', { scenario: { ...scenario } })).id);
    const verdict = run.standing.value?.phase === 'done' ? (run.outcome.value?.verdict ?? null) : null;
    if (verdict !== null) verdicts.set(keyOf(scenario), verdict);
  }

  const verdictOf = (scenario: ScenarioRef): Verdict | null => verdicts.get(keyOf(scenario)) ?? null;

  /** Removes a file of a person's own. True when it is; else the reason stands in {@link removeFailure}. */
  async function remove(what: Removable, file: string): Promise<boolean> {
    if (removing.value) return false;
    removing.value = true;
    removeFailure.value = null;
    try {
      const { removed } = await connection.request(`${what}.remove`, { file });
      outcome.value = { text: `Removed ${file.replace(STORED, '')}.`, undo: { what, removed } };
      trials.delete(`own:${file}`);
      verdicts.delete(`own:${file}`);
      return true;
    } catch (thrown) {
      removeFailure.value = consoleErrorOf(thrown);
      return false;
    } finally {
      await reload(what);
      removing.value = false;
    }
  }

  /** Puts back what was removed last. */
  async function putBack(): Promise<void> {
    const undo = outcome.value?.undo ?? null;
    if (undo === null || undo === 'open') return;
    removeFailure.value = null;
    try {
      const { file } = await connection.request(`${undo.what}.putBack`, { removed: undo.removed });
      outcome.value = { text: `Put ${file.replace(STORED, '')} back.`, undo: null };
      if (undo.what === 'scenarios') chosenKey.value = `own:${file}`;
    } catch (thrown) {
      removeFailure.value = consoleErrorOf(thrown);
    }
    await reload(undo.what);
  }

  /** A scenario may lack, or have again, a trace: scenarios are listed anew either way. */
  async function reload(what: Removable): Promise<void> {
    if (what === 'traces') await loadTraces();
    await load();
  }

  /** Scenarios that play a trace. */
  function playersOf({ file }: TraceEntry): ScenarioEntry[] {
    const name = file.replace(STORED, '');
    return entries.value.filter(({ summary }) => summary?.guests.some(({ trace }) => trace === name || trace === file));
  }

  /** Makes a scenario the live host. True when it is; else the reason stands in {@link openFailure}. */
  async function open(entry: ScenarioEntry): Promise<boolean> {
    if (opening.value) return false;
    opening.value = true;
    openFailure.value = null;
    outcome.value = null;
    try {
      const { runId, name } = await connection.request('scenarios.open', { scenario: { ...entry.scenario } });
      outcome.value = { text: `“${name}” is the live host now, as run ${runId}.`, undo: 'open' };
      return true;
    } catch (thrown) {
      openFailure.value = consoleErrorOf(thrown);
      return false;
    } finally {
      // The host is another one either way: the new one, or the former one started again.
      await live.restart();
      await load();
      opening.value = false;
    }
  }

  async function importTrace(format: string | null): Promise<void> {
    importFailure.value = null;
    let asked: RequestAnswer<'traces.import'>;
    try {
      asked = await connection.request('traces.import', { format });
    } catch (thrown) {
      importFailure.value = consoleErrorOf(thrown);
      return;
    }
    const { id, file } = asked;
    if (id === null || file === null) return;
    const run = markRaw(createWorkRun());
    imports.value = [{ file, run }, ...imports.value];
    await run.run(() => Promise.resolve(id));
    if (run.standing.value?.phase === 'done') await loadTraces();
    // A scenario may have waited for this trace.
    await load();
  }

  function dismissImport(one: ImportRun): void {
    imports.value = imports.value.filter((other) => other !== one);
  }

  return {
    ...{ list, listFailure, traces, tracesFailure, view, chosenKey, variant, trials, imports },
    ...{ addFailure, importFailure, opening, openFailure, outcome, entries, openedKey, chosen, former },
    ...{ removing, removeFailure, verdicts, verdictOf, check, remove, putBack, playersOf },
    ...{ load, loadTraces, add, trialOf, tryOut, open, importTrace, dismissImport },
  };
});
