import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Action, Run } from '#contract/model.ts';
import { verifyAudit } from '#main/history/audit/verify.ts';
import { openForReading } from '#main/history/connection.ts';
import { RUN_COLUMNS } from '#main/history/run-rows.ts';
import { readStoredSeconds } from '#main/history/writer/stored-seconds.ts';
import { actionOf } from '#main/history/audit/content.ts';
import { Host } from '#main/host/host.ts';
import type { HostConfig } from '#main/host/host-config.ts';
import { applyAction } from '#main/host-thread/admin-changes.ts';
import { Random } from '#main/host/random.ts';
import { expect } from 'vitest';
import { exampleConfig } from '../host/example-config.ts';

/** Host seconds that are compared at a time. */
const COMPARED_S = 60;
/** Wall ms that a crash may cost. */
const LOST_MS_MAX = 1_000;

/** What a host has said before it was killed. */
interface Said {
  readonly run?: Run;
  readonly notice?: string | null;
  readonly actions?: readonly Action[];
  readonly hostMs?: number;
  readonly wallMs?: number;
  readonly historyFailure?: unknown;
}

/** Starts a host at full speed and kills it, as `kill -9` does, so many wall ms after its start or after it says it runs. */
async function runUntilKilled(file: string, seed: number, when: 'starting' | 'running', ms: number): Promise<Said[]> {
  const script = join(import.meta.dirname, 'processes', 'live-host.ts');
  const args = [script, file, join(dirname(file), 'traces'), String(seed)];
  const host = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const exit = once(host, 'exit');
  const said: Said[] = [];
  const kill = (): void => void setTimeout(() => host.kill('SIGKILL'), ms);
  if (when === 'starting') kill();
  for await (const line of createInterface(host.stdout)) {
    // A line that the kill has cut off is not said.
    if (!line.endsWith('}')) continue;
    said.push(JSON.parse(line) as Said);
    if (said.length === 1 && when === 'running') kill();
  }
  expect((await exit)[1]).toBe('SIGKILL');
  return said;
}

/**
 * Kills a host that runs at full speed with changes in between `rounds` times, each at a moment drawn from the seed, and
 * checks after each: the file opens and is whole, at most the last wall second is missing, no acknowledged change is, the
 * audit's chain verifies; and the host that went on each time has recorded what an undisturbed one does with the same
 * commands, to the last bit of its state.
 */
export async function crashRepeatedly(file: string, seed: number, rounds: number): Promise<void> {
  const random = new Random(seed, 0);
  const acknowledged: Action[] = [];
  const undisturbed = new Undisturbed(await exampleConfig());
  for (let round = 0; round < rounds; round++) {
    const when = round > 0 && random.below(5) === 0 ? 'starting' : 'running';
    const said = await runUntilKilled(file, random.next(), when, random.below(when === 'starting' ? 900 : 2_000));
    acknowledged.push(...said.flatMap(({ actions = [] }) => actions));
    for (const { run, notice, historyFailure = null } of said) {
      expect(historyFailure).toBeNull();
      if (run === undefined) continue;
      // It went on: no new run, no gap.
      expect(run.id, notice ?? '').toBe(1);
      if (round > 0) expect(notice).toMatch(/equals the record/);
    }
    checkFile(file, acknowledged, said, undisturbed);
  }
  // How much there is of both depends on how fast the machine is.
  expect(acknowledged.length).toBeGreaterThan(0);
  expect(undisturbed.states).toBeGreaterThan(0);
}

function checkFile(
  file: string,
  acknowledged: readonly Action[],
  said: readonly Said[],
  undisturbed: Undisturbed,
): void {
  const connection = openForReading(file);
  try {
    expect(connection.pragma('integrity_check', { simple: true })).toBe('ok');
    const rows = connection.prepare('SELECT id, content FROM actions ORDER BY id').all() as {
      id: number;
      content: string;
    }[];
    const actions = rows.map(({ id, content }) => actionOf(id, content));
    for (const action of acknowledged) expect(actions[action.id - 1]).toEqual(action);
    expect(verifyAudit(connection)).toMatchObject({ sound: true, rows: rows.length });
    const { seconds } = connection.prepare(`SELECT ${RUN_COLUMNS} FROM runs WHERE id = 1`).get() as Run;
    const lastSaid = said.findLast(({ hostMs }) => hostMs !== undefined);
    // What it had reached one wall second before it last said anything is there.
    for (const { hostMs, wallMs } of said) {
      if (hostMs === undefined || (wallMs ?? NaN) > (lastSaid?.wallMs ?? NaN) - LOST_MS_MAX) continue;
      expect(seconds).toBeGreaterThanOrEqual(Math.floor(hostMs / 1_000));
    }
    const checkpoint = connection
      .prepare('SELECT hostMs, lastActionId, stateDigest FROM checkpoints ORDER BY id DESC LIMIT 1')
      .get() as Checkpoint | undefined;
    undisturbed.compare(seconds, actions, checkpoint, (from, to) => readStoredSeconds(connection, 1, from, to));
  } finally {
    connection.close();
  }
}

interface Checkpoint {
  readonly hostMs: number;
  readonly lastActionId: number;
  readonly stateDigest: string;
}

/** The same host with the same commands in one go, run on as far as the record goes. */
class Undisturbed {
  /** Checkpoints whose state was found equal. */
  states = 0;
  private readonly host: Host;
  private lastActionId = 0;

  constructor(config: HostConfig) {
    this.host = new Host(config);
  }

  /** Runs on to this second and compares all new ones with the record, and the state at the checkpoint if it lies ahead. */
  compare(
    seconds: number,
    actions: readonly Action[],
    checkpoint: Checkpoint | undefined,
    read: (from: number, to: number) => ReturnType<typeof readStoredSeconds>,
  ): void {
    const { host } = this;
    const endMs = seconds * 1_000;
    const steps = actions.slice(this.lastActionId).map((action) => ({
      at: action.hostMs,
      order: action.id,
      take: (): void => {
        applyAction(host, action);
        this.lastActionId = action.id;
      },
    }));
    if (checkpoint !== undefined && checkpoint.hostMs >= host.hostMs && checkpoint.lastActionId >= this.lastActionId) {
      const take = (): void => {
        expect(host.digest()).toBe(checkpoint.stateDigest);
        this.states++;
      };
      steps.push({ at: checkpoint.hostMs, order: checkpoint.lastActionId + 0.5, take });
    }
    for (const { at, take } of steps.sort((a, b) => a.at - b.at || a.order - b.order)) {
      // Those after the last whole second come when it is recorded; the state of a checkpoint may lie within the next one.
      if (at > Math.max(endMs, checkpoint?.hostMs ?? 0)) break;
      this.runTo(at, read);
      take();
    }
    this.runTo(endMs, read);
  }

  private runTo(ms: number, read: (from: number, to: number) => ReturnType<typeof readStoredSeconds>): void {
    while (this.host.hostMs < ms) {
      this.host.runTo(Math.min(ms, this.host.hostMs + COMPARED_S * 1_000));
      const batch = this.host.takeSamples();
      const stored = read(batch.firstSecond, batch.firstSecond + batch.seconds);
      for (const part of ['host', 'guests', 'evictions', 'evictionSamples'] as const) {
        expect(stored[part].length).toBe(batch[part].length);
        const differs = stored[part].findIndex((value, at) => value !== batch[part][at]);
        expect(differs, `${part} after second ${batch.firstSecond}`).toBe(-1);
      }
    }
  }
}
