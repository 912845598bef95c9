import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import type { Page } from 'playwright-core';
import { afterAll } from 'vitest';
import type { Action } from '#contract/model.ts';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** A user-data folder that outlives a console and is removed when the tests of this file are done. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'tmem-console-e2e-'));
  folders.push(folder);
  return folder;
}

/** Sends a request from inside the page, as the console itself does; fails with the failure's sentence. */
export async function ask<T>(page: Page, name: string, argument: unknown): Promise<T> {
  const reply = await page.evaluate(
    ([requestName, requestArgument]) =>
      (
        globalThis as unknown as {
          tmem: { request(name: unknown, argument: unknown): Promise<Record<string, unknown>> };
        }
      ).tmem.request(requestName, requestArgument),
    [name, argument] as const,
  );
  if (reply['ok'] !== true) throw new Error(JSON.stringify(reply['failure']));
  return reply['answer'] as T;
}

/** What axe-core finds wrong in the window as it is, contrast included. */
export async function violations(page: Page): Promise<string[]> {
  await page.evaluate(AXE);
  return page.evaluate(async () => {
    type Found = { violations: { id: string; nodes: { target: string[] }[] }[] };
    const { axe } = globalThis as unknown as { axe: { run(options: unknown): Promise<Found> } };
    // The dialogs hide what is behind them and keep the focus inside; axe asks for a person's look at that.
    const found = await axe.run({ rules: { 'aria-hidden-focus': { enabled: false } }, resultTypes: ['violations'] });
    return found.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`);
  });
}

/** Host time now, in ms. Asking for the state it is in already changes nothing and answers with the time. */
export async function hostMs(page: Page): Promise<number> {
  const paused = await page.getByTestId('pause').getAttribute('data-paused');
  const { hostMs: now } = await ask<{ hostMs: number }>(page, 'host.setPaused', { paused: paused === 'true' });
  return now;
}

/** Opens the history of a console read-only, gives it to `read`, and closes it. */
export function withHistory<T>(userDataFolder: string, read: (database: Database.Database) => T): T {
  const database = new Database(join(userDataFolder, 'history.db'), { readonly: true });
  try {
    return read(database);
  } finally {
    database.close();
  }
}

/** Sum of a guest's column over seconds [from, to) of the first run; all of them must be stored. */
export function sum(
  database: Database.Database,
  column: string,
  where: { guestId: number; from: number; to: number },
): number {
  const row = database
    .prepare(
      `SELECT sum("${column}") AS sum, count(*) AS seconds FROM guestSamples
       WHERE runId = 1 AND guestId = @guestId AND second >= @from AND second < @to`,
    )
    .get(where) as { sum: number; seconds: number };
  if (row.seconds !== where.to - where.from) {
    throw new Error(`Only ${row.seconds} of the seconds ${where.from} to ${where.to} are stored.`);
  }
  return row.sum;
}

/** The administrator's actions, newest first. */
export async function actions(page: Page): Promise<Action[]> {
  return (await ask<{ actions: Action[] }>(page, 'history.events', { range: null, limit: 100 })).actions;
}
