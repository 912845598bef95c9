import { defineStore } from 'pinia';
import { computed, markRaw, shallowReactive, shallowRef } from 'vue';
import type { ConsoleError } from '#contract/errors.ts';
import type { RequestAnswer } from '#contract/requests.ts';
import type { ScenarioEntry, ScenarioRef, TrialVariant } from '#contract/scenarios.ts';
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
  const variant = shallowRef<TrialVariant>('as-is');
  /** The last trial of each scenario. */
  const trials = shallowReactive(new Map<string, WorkRun>());
  const imports = shallowRef<readonly ImportRun[]>([]);
  /** Why the last file was not added, or the last import not begun. */
  const addFailure = shallowRef<ConsoleError | null>(null);
  const importFailure = shallowRef<ConsoleError | null>(null);
  const opening = shallowRef(false);
  const openFailure = shallowRef<ConsoleError | null>(null);
  /** What was done last, in a sentence, and whether it can be undone by opening the former scenario. */
  const outcome = shallowRef<{ readonly text: string; readonly undoable: boolean } | null>(null);

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
      outcome.value = { text: `Added ${added.file} to your own scenarios.`, undoable: false };
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

  function tryOut(scenario: ScenarioRef): Promise<void> {
    const sent = { scenario: { ...scenario }, variant: variant.value };
    return trialOf(scenario).run(async () => (await connection.request('scenarios.try', sent)).id);
  }

  /** Makes a scenario the live host. True when it is; else the reason stands in {@link openFailure}. */
  async function open(entry: ScenarioEntry): Promise<boolean> {
    if (opening.value) return false;
    opening.value = true;
    openFailure.value = null;
    outcome.value = null;
    try {
      const { runId, name } = await connection.request('scenarios.open', { scenario: { ...entry.scenario } });
      outcome.value = { text: `“${name}” is the live host now, as run ${runId}.`, undoable: true };
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
    ...{ load, loadTraces, add, trialOf, tryOut, open, importTrace, dismissImport },
  };
});
