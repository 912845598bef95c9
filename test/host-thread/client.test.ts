import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ConsoleError, type Failure } from '#contract/errors.ts';
import type { Frame } from '#contract/stream.ts';
import { HostThreadClient } from '#main/host-thread/client.ts';

let folder = '';
const clients: HostThreadClient[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tmem-thread-'));
});
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.stop()));
  await rm(folder, { recursive: true });
});

function clientOf(scenarioFile = resolve('resources/scenarios/three-real-traces.json')): HostThreadClient {
  const client = new HostThreadClient({
    threadFile: new URL('../../src-main/host-thread/thread.ts', import.meta.url),
    databaseFile: join(folder, 'history.db'),
    tracesFolder: resolve('resources/traces'),
    cacheFolder: join(folder, 'traces'),
    scenarioFile,
    seed: 7,
    versions: { app: 'test' },
  });
  clients.push(client);
  return client;
}

const frameWith = (client: HostThreadClient, fits: (frame: Frame) => boolean): Promise<Frame> =>
  new Promise((done) => {
    const off = client.onFrame((frame) => {
      if (!fits(frame)) return;
      off();
      done(frame);
    });
  });

async function refusal(promise: Promise<unknown>): Promise<ConsoleError> {
  const thrown: unknown = await promise.then(
    () => null,
    (error: unknown) => error,
  );
  if (thrown instanceof ConsoleError) return thrown;
  throw new Error(`Nothing was refused: ${String(thrown)}`);
}

describe('the host thread', () => {
  it('starts the scenario under plain Node and says what runs', async () => {
    const description = await clientOf().start();
    expect(description.run).toMatchObject({ id: 1, axisStartS: 0, end: 'running' });
    expect(description.run.source).toEqual({ kind: 'modelled', scenario: 'three real traces', seed: 7 });
    expect(description.guests.map((guest) => guest.name)).toEqual(['build', 'search', 'db']);
    expect(description.versions['sqlite']).toMatch(/^3\.\d+/);
    expect(description.notice).toBeNull();
  });

  it('streams frames, takes commands, and shows an applied change in the next frame', async () => {
    const client = clientOf();
    await client.start();
    await client.setSpeed('max');
    await frameWith(client, (frame) => frame.hostMs > 5_000);
    const seen = frameWith(client, (frame) => frame.actions.length > 0);
    const { actions } = await client.applyChanges({ changes: [{ kind: 'weight', guestId: 2, value: 300 }] });
    expect(actions).toMatchObject([{ guestName: 'search', before: 100, after: 300 }]);
    expect((await seen).actions).toEqual(actions);
    const { hostMs } = await client.setPaused(true);
    const later = await frameWith(client, (frame) => frame.paused);
    expect(later.hostMs).toBe(hostMs);
  });

  it('goes on with the run after an orderly end, with nothing to report', async () => {
    const first = clientOf();
    await first.start();
    await frameWith(first, (frame) => frame.seconds > 0);
    await first.stop();
    const second = clientOf();
    const described = await second.start();
    expect([described.run.id, described.notice]).toEqual([1, null]);
    expect(described.run.seconds).toBeGreaterThan(0);
  });

  it('refuses a second owner of the same history with a sentence', async () => {
    await clientOf().start();
    const error = await refusal(clientOf().start());
    expect(error.code).toBe('history-locked');
    expect(error.remedy).toBeTruthy();
  });

  it('refuses a scenario that does not fit and a trace that is damaged, naming the place', async () => {
    const torn = join(folder, 'torn.json');
    await writeFile(torn, '{}');
    expect(await refusal(clientOf(torn).start())).toMatchObject({ code: 'bad-scenario' });
    const scenario = JSON.parse(await readFile('resources/scenarios/three-real-traces.json', 'utf8')) as {
      guests: { trace: string }[];
    };
    for (const guest of scenario.guests) guest.trace = 'README.md';
    const strange = join(folder, 'strange.json');
    await writeFile(strange, JSON.stringify(scenario));
    const error = await refusal(clientOf(strange).start());
    expect(error.code).toBe('bad-trace');
    expect(error.message).toContain('README.md');
  });

  it('refuses commands before it has started and after it has ended', async () => {
    const client = clientOf();
    expect((await refusal(client.setPaused(true))).code).toBe('host-not-ready');
    const ended = new Promise<Failure | null>((done) => client.onEnd(done));
    await client.start();
    await client.stop();
    expect(await ended).toBeNull();
    expect((await refusal(client.setPaused(true))).code).toBe('host-failed');
  });
});
