import { defineStore } from 'pinia';
import { computed, shallowRef } from 'vue';
import type { BackupChoice, BackupFile, Consequences, Recovery } from '#contract/backups.ts';
import type { ConsoleError } from '#contract/errors.ts';
import type { RequestAnswer } from '#contract/requests.ts';
import { consoleErrorOf, useConnection } from './connection.ts';
import { useLive } from './live.ts';

type Work = 'backup' | 'check' | 'restore' | 'begin';
/** Wall ms between two looks at how far the work under way is. */
const LOOK_EVERY_MS = 400;

const choiceOf = ({ kind, name }: BackupChoice): BackupChoice => ({ kind, name });

/** The backups of the history, and what is being done with them. */
export const useBackups = defineStore('backups', () => {
  const connection = useConnection();
  const live = useLive();
  const list = shallowRef<RequestAnswer<'backups.list'> | null>(null);
  const listFailure = shallowRef<ConsoleError | null>(null);
  /** What this window has asked for and waits for. */
  const work = shallowRef<Work | null>(null);
  /** Why the last of it failed, and what it was. */
  const failure = shallowRef<{ work: Work; error: ConsoleError } | null>(null);
  /** What came of the last of it, in a sentence. */
  const outcome = shallowRef('');
  /** The file that the last restoration set aside: restoring it undoes that. */
  const undo = shallowRef<BackupFile | null>(null);
  /** What is wrong with the audit of what was put back. */
  const findings = shallowRef<readonly string[]>([]);
  const recovery = shallowRef<Recovery | null>(null);
  const part = computed(() => list.value?.part ?? 0);

  async function load(): Promise<void> {
    try {
      list.value = await connection.request('backups.list', {});
      listFailure.value = null;
    } catch (thrown) {
      listFailure.value = consoleErrorOf(thrown);
    }
  }

  /** Does one piece of work, looks meanwhile how far it is, and keeps what came of it. Answers whether it was done. */
  async function carryOut(what: Work, act: () => Promise<string>): Promise<boolean> {
    if (work.value !== null) return false;
    work.value = what;
    failure.value = null;
    outcome.value = '';
    const looking = setInterval(() => void load(), LOOK_EVERY_MS);
    try {
      outcome.value = await act();
      return true;
    } catch (thrown) {
      failure.value = { work: what, error: consoleErrorOf(thrown) };
      return false;
    } finally {
      clearInterval(looking);
      work.value = null;
      await load();
    }
  }

  function make(): Promise<boolean> {
    return carryOut('backup', async () => {
      const { made, removed } = await connection.request('backups.make', {});
      const gone = removed.length === 0 ? '' : ` ${removed.length} older made room for it.`;
      return `Backed up and checked: ${made.name}.${gone}`;
    });
  }

  /** Makes a backup to go back to. @returns it, or null where it could not be made */
  async function makeToGoBack(): Promise<BackupFile | null> {
    let made: BackupFile | null = null;
    await carryOut('backup', async () => {
      ({ made } = await connection.request('backups.make', {}));
      return `Backed up and checked: ${made.name}.`;
    });
    return made;
  }

  function check(choice: BackupChoice): Promise<boolean> {
    return carryOut('check', async () => {
      const found = await connection.request('backups.check', choiceOf(choice));
      return found.check?.sound === true ? `${found.name} is sound.` : `${found.name} is damaged.`;
    });
  }

  function consequences(choice: BackupChoice): Promise<Consequences> {
    return connection.request('backups.consequences', choiceOf(choice));
  }

  function restore(choice: BackupChoice): Promise<boolean> {
    return carryOut('restore', async () => {
      const done = await connection.request('backups.restore', choiceOf(choice));
      await load();
      undo.value = list.value?.files.find(({ kind, name }) => kind === 'set-aside' && name === done.setAside) ?? null;
      findings.value = done.findings;
      recovery.value = null;
      await live.restart();
      const aside = done.setAside === null ? '' : ` What stood there is kept as ${done.setAside}.`;
      return `${choice.name} is in place.${aside}`;
    });
  }

  /** Asks why there is no history. */
  async function lookForRecovery(): Promise<void> {
    try {
      ({ recovery: recovery.value } = await connection.request('recovery.state', {}));
    } catch {
      // The host's own failure stands in the bar at the top.
      recovery.value = null;
    }
  }

  function beginNew(): Promise<boolean> {
    return carryOut('begin', async () => {
      await connection.request('recovery.beginNew', {});
      recovery.value = null;
      await live.restart();
      return 'A new history has begun.';
    });
  }

  return {
    list,
    listFailure,
    work,
    failure,
    outcome,
    undo,
    findings,
    recovery,
    part,
    load,
    make,
    makeToGoBack,
    check,
    consequences,
    restore,
    lookForRecovery,
    beginNew,
  };
});
