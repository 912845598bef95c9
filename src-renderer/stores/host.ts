import { defineStore } from 'pinia';
import { computed, shallowRef } from 'vue';
import type { ConsoleError, Failure } from '#contract/errors.ts';
import type { Guest, HostDescription, HostSettings, Run, Speed } from '#contract/model.ts';
import type { RequestArgument } from '#contract/requests.ts';
import type { Frame } from '#contract/stream.ts';
import { consoleErrorOf, useConnection } from './connection.ts';

/** How many guest colours (and dash patterns) the tokens have. */
const GUEST_COLOURS = 8;

/** A guest as every page shows it: with its colour and dash, from 1; the same on every page. */
export interface ShownGuest extends Guest {
  readonly colour: number;
  readonly dash: number;
}

/** What the stream last said about the clock of the host. */
export type ClockState = Pick<
  Frame,
  'runId' | 'hostMs' | 'paused' | 'speed' | 'reachedSpeed' | 'lagMs' | 'historyBytes' | 'replayableFromMs'
>;

/** `starting`: no host yet; `ready`: described; `ended`: it failed or stopped, with {@link useHost.failure}. */
type Phase = 'starting' | 'ready' | 'ended';

const FIRST_WAIT_MS = 150;
const LONGEST_WAIT_MS = 1_500;

/** What the host is, how it is, and the commands to its clock and settings. */
export const useHost = defineStore('host', () => {
  const connection = useConnection();
  const phase = shallowRef<Phase>('starting');
  const description = shallowRef<HostDescription | null>(null);
  const runs = shallowRef<readonly Run[]>([]);
  const clock = shallowRef<ClockState | null>(null);
  /** Why the host ended, or cannot be reached. */
  const failure = shallowRef<ConsoleError | null>(null);
  /** Why samples cannot be written to the history now. */
  const historyFailure = shallowRef<Failure | null>(null);
  /** Why the last command to the clock was refused. */
  const commandFailure = shallowRef<ConsoleError | null>(null);
  /** The command to the clock that is on its way. */
  const pending = shallowRef<'pause' | Speed | null>(null);
  let asking: Promise<boolean> | null = null;

  const guests = computed<readonly ShownGuest[]>(() =>
    (description.value?.guests ?? []).map((guest, at) => ({
      ...guest,
      colour: (at % GUEST_COLOURS) + 1,
      dash: ((at + Math.floor(at / GUEST_COLOURS)) % GUEST_COLOURS) + 1,
    })),
  );
  const guestById = computed(() => new Map(guests.value.map((guest) => [guest.id, guest])));
  const paused = computed(() => clock.value?.paused ?? false);

  /** What stands in the header: where the numbers come from. */
  const sourceText = computed(() => {
    const source = description.value?.run.source;
    if (source === undefined) return null;
    return source.kind === 'modelled'
      ? `modelled: ${source.scenario} · seed ${source.seed}`
      : `imported from Xen, ${source.from} to ${source.to}`;
  });

  /** Asks once what the host is. True when it answered. */
  async function describe(): Promise<boolean> {
    let found: HostDescription;
    try {
      found = await connection.request('host.describe', {});
      description.value = found;
      phase.value = 'ready';
      failure.value = null;
    } catch (thrown) {
      const error = consoleErrorOf(thrown);
      const notYet = error.code === 'host-not-ready';
      phase.value = notYet ? 'starting' : 'ended';
      failure.value = notYet ? null : error;
      return false;
    }
    try {
      runs.value = (await connection.request('history.runs', {})).runs;
    } catch {
      // Without the list of runs only past runs' clock times are unknown; the present run is enough to go on.
      runs.value = [found.run];
    }
    return true;
  }

  /** Asks until the host is there or has failed; calls at the same time share one asking. */
  function untilReady(): Promise<boolean> {
    const hasEnded = (): boolean => phase.value === 'ended';
    asking ??= (async () => {
      try {
        for (let wait = FIRST_WAIT_MS; ; wait = Math.min(wait * 1.4, LONGEST_WAIT_MS)) {
          if (await describe()) return true;
          if (hasEnded()) return false;
          await new Promise((resolve) => setTimeout(resolve, wait));
        }
      } finally {
        asking = null;
      }
    })();
    return asking;
  }

  async function command(what: 'pause' | Speed, act: () => Promise<unknown>): Promise<void> {
    if (pending.value !== null) return;
    pending.value = what;
    try {
      await act();
      commandFailure.value = null;
    } catch (thrown) {
      commandFailure.value = consoleErrorOf(thrown);
    } finally {
      pending.value = null;
    }
  }

  function setPaused(value: boolean): Promise<void> {
    return command('pause', async () => {
      const { hostMs } = await connection.request('host.setPaused', { paused: value });
      if (clock.value !== null) clock.value = { ...clock.value, hostMs, paused: value };
    });
  }

  function setSpeed(value: Speed): Promise<void> {
    return command(value, async () => {
      const { hostMs } = await connection.request('host.setSpeed', { speed: value });
      if (clock.value !== null) clock.value = { ...clock.value, hostMs, speed: value };
    });
  }

  /** Takes over the settings that a frame says are in force. */
  function take(settings: HostSettings): void {
    const known = description.value;
    if (known === null) return;
    const { policy, idleTaxPermille, totalPages, poolLimitPages, guestSettings } = known;
    const now = { policy, idleTaxPermille, totalPages, poolLimitPages, guestSettings };
    if (JSON.stringify(now) !== JSON.stringify({ ...now, ...settings })) {
      description.value = { ...known, ...settings };
    }
  }

  /** Applies a set; throws the ConsoleError where it is refused, so that it can stand beside what it concerns. */
  async function applyChanges(set: RequestArgument<'host.applyChanges'>) {
    return (await connection.request('host.applyChanges', set)).actions;
  }

  return {
    phase,
    description,
    runs,
    clock,
    failure,
    historyFailure,
    commandFailure,
    pending,
    guests,
    guestById,
    paused,
    sourceText,
    describe,
    untilReady,
    setPaused,
    setSpeed,
    applyChanges,
    take,
  };
});
