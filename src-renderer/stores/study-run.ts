import { computed, shallowRef } from 'vue';
import { ConsoleError } from '#contract/errors.ts';
import type { RequestArgument } from '#contract/requests.ts';
import type { Exploration, StudyResult, StudyStanding, Tuned } from '#contract/studies.ts';
import { consoleErrorOf, useConnection } from './connection.ts';

/**
 * One study followed from the window: its standing while it runs, an estimate as soon as there is one, the result. A new
 * one takes the place of the last, which is cancelled.
 */
export function createStudyRun() {
  const connection = useConnection();
  const standing = shallowRef<StudyStanding | null>(null);
  const result = shallowRef<StudyResult | null>(null);
  const exploration = shallowRef<Exploration | null>(null);
  const tuned = shallowRef<Tuned | null>(null);
  const failure = shallowRef<ConsoleError | null>(null);
  const starting = shallowRef(false);
  /** Of the study that is followed; what older ones still answer is not shown. */
  let turn = 0;

  const isUnderWay = computed(
    () => starting.value || standing.value?.phase === 'waiting' || standing.value?.phase === 'running',
  );
  /** False while the result is an estimate that a better one will take the place of. */
  const isFinal = computed(() => standing.value?.phase === 'done');

  async function run(argument: RequestArgument<'study.start'>): Promise<void> {
    const last = standing.value;
    if (last !== null && isUnderWay.value) void cancelQuietly(last.id);
    const mine = ++turn;
    starting.value = true;
    standing.value = null;
    failure.value = null;
    try {
      const { id } = await connection.request('study.start', argument);
      // Cancelled, or another one asked for, before it had a number.
      if (mine !== turn) {
        void cancelQuietly(id);
        return;
      }
      await follow(id, mine);
    } catch (thrown) {
      if (mine === turn) failure.value = consoleErrorOf(thrown);
    } finally {
      if (mine === turn) starting.value = false;
    }
  }

  async function follow(id: number, mine: number): Promise<void> {
    let answers = 0;
    for (let seen = 0; ;) {
      const now = await connection.request('study.watch', { id, seen });
      if (mine !== turn) return;
      seen = now.version;
      if (now.phase === 'done' || now.answers !== answers) {
        const outcome = await connection.request('study.outcome', { id });
        if (mine !== turn) return;
        result.value = outcome.result ?? result.value;
        exploration.value = outcome.exploration ?? exploration.value;
        tuned.value = outcome.tuned;
        answers = now.answers;
      }
      standing.value = now;
      starting.value = false;
      if (now.failure !== null) {
        const { code, message, remedy } = now.failure;
        failure.value = new ConsoleError(code, message, remedy);
      }
      if (now.phase !== 'waiting' && now.phase !== 'running') return;
    }
  }

  async function cancelQuietly(id: number): Promise<void> {
    // A study that is not known any more has ended.
    await connection.request('study.cancel', { id }).catch(() => null);
  }

  /** Ends the study, and says so at once: its process is killed. */
  async function cancel(): Promise<void> {
    const now = standing.value;
    if (!isUnderWay.value) return;
    if (now === null) {
      turn++;
      starting.value = false;
      return;
    }
    await cancelQuietly(now.id);
  }

  /** Forgets the study and what it said. */
  function clear(): void {
    void cancel();
    turn++;
    starting.value = false;
    standing.value = null;
    result.value = null;
    exploration.value = null;
    tuned.value = null;
    failure.value = null;
  }

  /** Shows a result that was kept. */
  function show(kept: StudyResult): void {
    clear();
    result.value = kept;
  }

  return { standing, result, exploration, tuned, failure, isUnderWay, isFinal, run, cancel, clear, show };
}
