import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Page } from 'playwright-core';
import { describe, expect, inject, it } from 'vitest';
import { FRAMES_IN_FLIGHT } from '#contract/stream.ts';
import { launchConsole } from './harness/app.ts';
import type { RunningConsole } from './harness/app.ts';
import { ask, temporaryFolder } from './support.ts';

const ROOT = resolve(import.meta.dirname, '..', '..');

/** Starts the app without a debugger and waits for its end. */
async function runToEnd(environment: Record<string, string>): Promise<{ code: number | null; output: string }> {
  const { executable, flags, environment: display } = inject('electron');
  const program = spawn(executable, [...flags, ROOT], { env: { ...process.env, ...display, ...environment } });
  let output = '';
  for (const stream of [program.stdout, program.stderr]) {
    stream.on('data', (bytes: Buffer) => {
      output += bytes.toString();
    });
  }
  const [code] = (await once(program, 'close')) as [number | null];
  return { code, output };
}

function bounds({ app }: RunningConsole): Promise<{ x: number; y: number; width: number; height: number } | undefined> {
  return app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.getBounds());
}

describe('the window', () => {
  it('stands where it stood, also after a restart', async () => {
    const userDataFolder = temporaryFolder();
    const first = await launchConsole({ userDataFolder });
    await first.app.evaluate(({ BrowserWindow }) =>
      BrowserWindow.getAllWindows()[0]?.setBounds({ x: 120, y: 80, width: 1100, height: 700 }),
    );
    await expect.poll(() => bounds(first)).toEqual({ x: 120, y: 80, width: 1100, height: 700 });
    await first.close();
    const second = await launchConsole({ userDataFolder });
    expect(await bounds(second)).toEqual({ x: 120, y: 80, width: 1100, height: 700 });
    await second.close();
  });

  it('is the only one: a second start brings it to the front and ends', async () => {
    const userDataFolder = temporaryFolder();
    const running = await launchConsole({ userDataFolder });
    await running.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.minimize());
    expect(await runToEnd({ TMEM_CONSOLE_USER_DATA: userDataFolder })).toMatchObject({ code: 0 });
    const windows = (): Promise<{ minimized: boolean }[]> =>
      running.app.evaluate(({ BrowserWindow }) =>
        BrowserWindow.getAllWindows().map((window) => ({ minimized: window.isMinimized() })),
      );
    await expect.poll(windows).toEqual([{ minimized: false }]);
    await running.close();
  });

  it('has its ground in the colour of the system before anything is painted', async () => {
    const running = await launchConsole();
    const ground = (theme: 'light' | 'dark'): Promise<string | undefined> =>
      running.app.evaluate(({ BrowserWindow, nativeTheme }, source) => {
        nativeTheme.themeSource = source;
        return BrowserWindow.getAllWindows()[0]?.getBackgroundColor();
      }, theme);
    await expect.poll(() => ground('dark')).toBe('#10151C');
    await expect.poll(() => ground('light')).toBe('#F5F6F8');
    await running.close();
  });

  it('loads its page again when the page crashes, and the host runs on', async () => {
    const userDataFolder = temporaryFolder();
    const running = await launchConsole({ userDataFolder });
    await running.firstChart();
    /** The process of the page once it is loaded; asked of the main process, which survives it. */
    const pageProcess = (): Promise<number | null> =>
      running.app.evaluate(({ BrowserWindow }) => {
        const contents = BrowserWindow.getAllWindows()[0]?.webContents;
        return contents === undefined || contents.isLoading() || contents.isCrashed()
          ? null
          : contents.getOSProcessId();
      });
    const before = await pageProcess();
    await running.app.evaluate(({ BrowserWindow }) =>
      BrowserWindow.getAllWindows()[0]?.webContents.forcefullyCrashRenderer(),
    );
    await expect.poll(async () => ![null, 0, before].includes(await pageProcess()), { timeout: 30_000 }).toBe(true);
    const after = await running.app.evaluate(async ({ BrowserWindow }) => {
      const contents = BrowserWindow.getAllWindows()[0]?.webContents;
      const reply = (await contents?.executeJavaScript("tmem.request('history.runs', {})")) as {
        answer: { runs: { id: number; end: string }[] };
      };
      return reply.answer.runs.map(({ id, end }) => [id, end]);
    });
    expect(after).toEqual([[1, 'running']]);
    await running.close('errors were provoked');
    expect(readFileSync(join(userDataFolder, 'logs', 'main.log'), 'utf8')).toMatch(
      /error the page: .*Loading it again/,
    );
  });
});

describe('the app', () => {
  it('ends in order on a signal: everything written, exit code 0', async () => {
    const userDataFolder = temporaryFolder();
    const running = await launchConsole({ userDataFolder });
    await running.firstChart();
    const program = running.app.process();
    const ended = once(program, 'exit');
    program.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
    const log = readFileSync(join(userDataFolder, 'logs', 'main.log'), 'utf8');
    expect(log).not.toContain(' error ');
    // SQLite removes the write-ahead log when the last connection is closed in order.
    expect(readdirSync(userDataFolder).filter((name) => /-(wal|shm)$/.test(name))).toEqual([]);
    const again = await launchConsole({ userDataFolder });
    await again.firstChart();
    expect(await ask(again.page, 'host.describe', {})).toMatchObject({ notice: null });
    await again.close();
  });

  it('says in a sentence what is wrong with its environment, and ends with 1', async () => {
    const { code, output } = await runToEnd({ TMEM_CONSOLE_USER_DATA: 'not/absolute' });
    expect(code).toBe(1);
    expect(output).toContain(
      'The environment variable TMEM_CONSOLE_USER_DATA is "not/absolute". It must be an absolute path.',
    );
  });

  it('saves a picture of the first chart where it is asked to, and says where', async () => {
    const userDataFolder = temporaryFolder();
    const file = join(userDataFolder, 'pictures', 'first.png');
    const running = await launchConsole({ userDataFolder, env: { TMEM_CONSOLE_SCREENSHOT: file } });
    await expect.poll(() => running.output(), { timeout: 60_000 }).toContain(`Screenshot saved: ${file}`);
    expect(readFileSync(file).subarray(1, 4).toString()).toBe('PNG');
    await running.close();
  });
});

describe('the live stream', () => {
  /** What the test's page collects. */
  type Collector = { ports: MessagePort[]; frames: { sequence: number; ofThisRealm: boolean }[]; closed: number };
  const collected = (
    page: Page,
  ): Promise<{ sequences: number[]; ofThisRealm: boolean; ports: number; closed: number }> =>
    page.evaluate(() => {
      const { ports, frames, closed } = (window as unknown as { collector: Collector }).collector;
      return {
        sequences: frames.map(({ sequence }) => sequence),
        ofThisRealm: frames.every((frame) => frame.ofThisRealm),
        ports: ports.length,
        closed,
      };
    });
  const send = (page: Page, messages: unknown[]): Promise<void> =>
    page.evaluate((all) => {
      const port = (window as unknown as { collector: Collector }).collector.ports.at(-1);
      for (const message of all) port?.postMessage(message);
    }, messages);
  const openStream = (page: Page): Promise<void> =>
    page.evaluate(() => (window as unknown as { tmem: { openStream(): void } }).tmem.openStream());

  /** One of our own addresses without a script of ours: a style sheet, shown as text. */
  async function showPageWithoutScript(page: Page): Promise<void> {
    const sheet = await page.evaluate(
      () => document.querySelector<HTMLLinkElement>('link[rel=stylesheet]')?.href ?? '',
    );
    await page.goto(sheet);
    await page.evaluate(() => {
      const collector: Collector = { ports: [], frames: [], closed: 0 };
      (window as unknown as { collector: Collector }).collector = collector;
      window.addEventListener('message', (event: MessageEvent<{ type: string }>) => {
        const port = event.ports[0];
        if (event.data.type !== 'tmem:stream-port' || port === undefined) return;
        collector.ports.push(port);
        port.addEventListener('close', () => collector.closed++);
        port.onmessage = ({ data }: MessageEvent<{ sequence: number; host: unknown }>) =>
          collector.frames.push({ sequence: data.sequence, ofThisRealm: data.host instanceof Float64Array });
      });
    });
  }

  it('stops at the frames in flight, skips what comes meanwhile, and is not moved by junk', async () => {
    const running = await launchConsole();
    const { page } = running;
    await page.waitForLoadState('load');
    await showPageWithoutScript(page);
    await openStream(page);
    await expect.poll(async () => (await collected(page)).sequences.length).toBe(FRAMES_IN_FLIGHT);
    const recorded = async (): Promise<number> =>
      (await ask<{ runs: { seconds: number }[] }>(page, 'history.runs', {})).runs[0]?.seconds ?? 0;
    const [first = -1, , last = -1] = (await collected(page)).sequences;
    await send(page, [
      null,
      'ack',
      { kind: 'ack' },
      { kind: 'ack', sequence: -1 },
      { kind: 'ack', sequence: '0' },
      { kind: 'ack', sequence: last + 9 },
    ]);
    const before = await recorded();
    await expect.poll(recorded, { timeout: 20_000 }).toBeGreaterThan(before + 2);
    expect((await collected(page)).sequences.length).toBe(FRAMES_IN_FLIGHT);
    await send(page, [{ kind: 'ack', sequence: first }]);
    await expect.poll(async () => (await collected(page)).sequences.length).toBe(FRAMES_IN_FLIGHT + 1);
    const { sequences, ofThisRealm } = await collected(page);
    expect(sequences.at(-1)).toBeGreaterThan(last + 1);
    expect(ofThisRealm).toBe(true);
    await running.close('errors were provoked');
  });

  it('is one: a new one closes the one before', async () => {
    const running = await launchConsole();
    const { page } = running;
    await page.waitForLoadState('load');
    await showPageWithoutScript(page);
    await openStream(page);
    await openStream(page);
    await expect.poll(() => collected(page)).toMatchObject({ ports: 2, closed: 1 });
    await expect.poll(async () => (await collected(page)).sequences.length).toBeGreaterThan(0);
    await running.close('errors were provoked');
  });
});
