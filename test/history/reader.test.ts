import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RequestArgument } from '#contract/requests.ts';
import { HistoryReader } from '#main/history/reader-client.ts';
import type { HistoryReaderOptions } from '#main/history/reader-client.ts';
import { Random } from '#main/host/random.ts';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Recording } from './recording.ts';
import { openWriter, temporaryDatabase, temporaryFolder } from './support.ts';

const THREAD = new URL('../../src-main/history/reader-thread.ts', import.meta.url);

function openReader(databaseFile: string, more: Partial<HistoryReaderOptions> = {}): HistoryReader {
  const reader = new HistoryReader({ threadFile: THREAD, databaseFile, ...more });
  onTestFinished(() => reader.stop());
  return reader;
}

describe('the reader thread', () => {
  it('answers while the writer writes', async () => {
    const file = temporaryDatabase();
    const writer = openWriter(file);
    const recording = new Recording(new Random(1, 0), 2);
    recording.begin(writer);
    recording.record(writer, 0, 40);
    const reader = openReader(file);
    expect((await reader.request('history.runs', {})).runs).toMatchObject([{ id: 1, seconds: 40, end: 'running' }]);
    recording.record(writer, 0, 10);
    expect((await reader.request('history.runs', {})).runs).toMatchObject([{ id: 1, seconds: 50 }]);
    const { series } = await reader.request('history.series', {
      range: { fromS: 0, toS: 49 },
      series: [{ guestId: 2, column: 'accesses' }],
      maxPoints: 50,
    });
    const known = recording.samples.filter(({ owner }) => owner === 2).map(({ values }) => values['accesses']);
    expect([...(series[0]?.value ?? [])]).toEqual(known);
  });

  it('says that there is no history yet, and answers once there is', async () => {
    const file = temporaryDatabase();
    const reader = openReader(file);
    await expect(reader.request('history.runs', {})).rejects.toMatchObject({ code: 'host-not-ready' });
    openWriter(file);
    expect(await reader.request('history.runs', {})).toEqual({ runs: [] });
  });

  it('refuses an argument that does not fit, naming the place', async () => {
    const file = temporaryDatabase();
    openWriter(file);
    const wrong = { filter: { range: null, victims: [], beneficiaries: [], reasons: [] }, after: null, limit: 0 };
    const refused = openReader(file).request('history.evictions', wrong);
    await expect(refused).rejects.toMatchObject({
      code: 'bad-request',
      message: expect.stringContaining('limit') as string,
    });
    const upsideDown = { range: { fromS: 9, toS: 3 }, limit: 1 };
    await expect(openReader(file).request('history.events', upsideDown)).rejects.toThrow(/range ends before it begins/);
  });

  it('refuses what the history does not answer', async () => {
    const file = temporaryDatabase();
    openWriter(file);
    const reader = openReader(file);
    await expect(reader.request('host.describe' as 'history.runs', {})).rejects.toMatchObject({ code: 'bad-request' });
  });

  it('refuses a damaged file with its sentence', async () => {
    const file = join(temporaryFolder(), 'history.db');
    writeFileSync(file, 'x'.repeat(5000));
    await expect(openReader(file).request('history.runs', {})).rejects.toMatchObject({ code: 'history-damaged' });
  });

  it('names slow queries', async () => {
    const file = temporaryDatabase();
    openWriter(file);
    const slow: string[] = [];
    const reader = openReader(file, { slowMs: -1, onSlowQuery: (name) => slow.push(name) });
    await reader.request('history.runs', {});
    expect(slow).toEqual(['history.runs']);
  });

  it('refuses what waits when it is stopped, and starts again with the next request', async () => {
    const file = temporaryDatabase();
    openWriter(file);
    const reader = openReader(file);
    const waiting = reader.request('history.runs', {});
    const refused = expect(waiting).rejects.toMatchObject({ code: 'cancelled' });
    await reader.stop();
    await refused;
    expect(await reader.request('history.runs', {})).toEqual({ runs: [] });
  });

  it('refuses what waits when the thread dies, and starts again with the next request', async () => {
    const file = temporaryDatabase();
    openWriter(file);
    const folder = temporaryFolder();
    // Dies of its first message in its first life, and is the real reader from then on.
    mkdirSync(join(folder, 'lives'));
    const threadFile = join(folder, 'thread.mjs');
    writeFileSync(
      threadFile,
      `import { existsSync, writeFileSync } from 'node:fs';
       import { parentPort } from 'node:worker_threads';
       const mark = ${JSON.stringify(join(folder, 'lives', 'one'))};
       if (existsSync(mark)) await import(${JSON.stringify(THREAD.href)});
       else parentPort.on('message', () => { writeFileSync(mark, ''); throw new Error('out of breath'); });`,
    );
    const reader = openReader(file, { threadFile });
    await expect(reader.request('history.runs', {})).rejects.toMatchObject({
      code: 'internal',
      message: expect.stringContaining('out of breath') as string,
    });
    expect(await reader.request('history.runs', {})).toEqual({ runs: [] });
  });

  it('keeps no process alive, but lets one that waits have its answer', () => {
    const file = temporaryDatabase();
    openWriter(file);
    const script = join(import.meta.dirname, 'processes', 'asker.ts');
    const { stdout, stderr } = spawnSync(process.execPath, [script, file], { encoding: 'utf8', timeout: 30_000 });
    expect({ stdout, stderr }).toEqual({ stdout: '{"runs":[]}', stderr: '' });
  });

  it('answers every request with what belongs to it, however many are under way', async () => {
    const file = temporaryDatabase();
    const writer = openWriter(file);
    const recording = new Recording(new Random(2, 0), 2);
    recording.begin(writer);
    recording.record(writer, 0, 60);
    const reader = openReader(file);
    const asked = Array.from({ length: 60 }, (_, second): RequestArgument<'history.series'> => ({
      range: { fromS: second, toS: second },
      series: [{ guestId: null, column: 'guestPages' }],
      maxPoints: 2,
    }));
    const answers = await Promise.all(asked.map((argument) => reader.request('history.series', argument)));
    const known = recording.samples.filter(({ owner }) => owner === 0).map(({ values }) => values['guestPages']);
    expect(answers.map(({ series }) => series[0]?.value[0])).toEqual(known);
  });
});
