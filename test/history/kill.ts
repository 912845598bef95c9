import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Action, Run } from '#contract/model.ts';
import { verifyAudit } from '#main/history/audit/verify.ts';
import { openForReading } from '#main/history/connection.ts';
import { Random } from '#main/host/random.ts';
import { expect } from 'vitest';

/** What the recorder has acknowledged before it died. */
interface Acknowledged {
  readonly run: Run;
  readonly previous: Run | null;
  readonly pending: number;
  readonly seconds: number;
  readonly actions: readonly Action[];
}

/** Starts a recorder on the file and kills it, as `kill -9` does, after so many acknowledgements. */
async function recordUntilKilled(file: string, seed: number, acknowledgements: number): Promise<Acknowledged> {
  const script = join(import.meta.dirname, 'processes', 'recorder.ts');
  const recorder = spawn(process.execPath, [script, file, String(seed)], { stdio: ['ignore', 'pipe', 'inherit'] });
  const exit = once(recorder, 'exit');
  const lines: unknown[] = [];
  for await (const line of createInterface(recorder.stdout)) {
    lines.push(JSON.parse(line));
    if (lines.length === acknowledgements) recorder.kill('SIGKILL');
  }
  expect((await exit)[1]).toBe('SIGKILL');
  return (lines as Partial<Acknowledged>[]).reduce<Acknowledged>(
    (sum, line) => ({ ...sum, ...line, actions: [...sum.actions, ...(line.actions ?? [])] }),
    { seconds: 0, actions: [] } as unknown as Acknowledged,
  );
}

/**
 * Kills a recorder `rounds` times on one history, each at a moment drawn from the seed, and checks after each: the file
 * opens, is whole, has every second and every action that was acknowledged, and the audit's chain verifies.
 */
export async function killRepeatedly(file: string, seed: number, rounds: number): Promise<void> {
  const random = new Random(seed, 0);
  const acknowledged: Action[] = [];
  let former: Acknowledged | undefined;
  for (let round = 0; round < rounds; round++) {
    const now = await recordUntilKilled(file, random.next(), 1 + random.below(120));
    acknowledged.push(...now.actions);
    const connection = openForReading(file);
    try {
      expect(connection.pragma('integrity_check', { simple: true })).toBe('ok');
      if (former !== undefined) {
        expect(now.previous).toMatchObject({ id: former.run.id, end: 'crashed' });
        expect(now.run.axisStartS).toBe(now.previous ? now.previous.axisStartS + now.previous.seconds + 1 : NaN);
      }
      const stored = connection
        .prepare('SELECT count(*) AS seconds, coalesce(max(second) + 1, 0) AS end FROM hostSamples WHERE runId = ?')
        .get(now.run.id) as { seconds: number; end: number };
      expect(stored.seconds).toBe(stored.end);
      expect(stored.end).toBeGreaterThanOrEqual(now.seconds);
      const perGuest = connection
        .prepare('SELECT count(*) FROM guestSamples WHERE runId = ? GROUP BY guestId')
        .pluck()
        .all(now.run.id);
      if (stored.end > 0) expect(perGuest).toEqual([stored.end, stored.end, stored.end]);
      const contents = connection.prepare('SELECT id, content FROM actions ORDER BY id').all() as {
        id: number;
        content: string;
      }[];
      const byId = new Map(contents.map((row) => [row.id, JSON.parse(row.content) as Record<string, unknown>]));
      for (const action of acknowledged) expect({ ...byId.get(action.id), id: action.id }).toMatchObject(action);
      expect(verifyAudit(connection)).toMatchObject({ sound: true, rows: contents.length });
    } finally {
      connection.close();
    }
    former = now;
  }
  expect(acknowledged.length).toBeGreaterThan(0);
}
