import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { _electron } from 'playwright-core';
import type { ElectronApplication, Page } from 'playwright-core';
import { inject } from 'vitest';

const ROOT = resolve(import.meta.dirname, '..', '..', '..');
const START_MS = 60_000;
/** Holds the app back until Playwright has connected; without it a window that opens meanwhile can hang the launch. */
const LOADER = join(
  dirname(createRequire(import.meta.url).resolve('playwright-core/package.json')),
  ...['lib', 'server', 'electron', 'loader.js'],
);

type LaunchOptions = {
  /** Kept when given (for tests that start again); else a fresh one, removed at the end. */
  userDataFolder?: string;
  /** Of the page, in CSS pixels. */
  size?: { width: number; height: number };
  colorScheme?: 'light' | 'dark';
  env?: Record<string, string>;
};

/** The console, running in a real Electron. */
export type RunningConsole = {
  app: ElectronApplication;
  page: Page;
  userDataFolder: string;
  /** What the page logged as an error, threw, or asked for in vain. */
  consoleErrors: string[];
  /** What the main process has printed so far. */
  output(): string;
  /** Waits until a chart with data is on the screen. */
  firstChart(): Promise<void>;
  /** Saves a picture of the page in `test-results/` and returns its file. */
  screenshot(name: string): Promise<string>;
  /** Ends the app as a person would, and fails if the page had errors, unless the test provoked them. */
  close(provoked?: 'errors were provoked'): Promise<void>;
  /** Ends the app as a power cut would: nothing in it gets to run. */
  kill9(): Promise<void>;
};

/** Starts the built console and waits for its page; what goes wrong is told with all that the app printed. */
export async function launchConsole(options: LaunchOptions = {}): Promise<RunningConsole> {
  const { executable, flags, environment } = inject('electron');
  const userDataFolder = options.userDataFolder ?? mkdtempSync(join(tmpdir(), 'tmem-console-e2e-'));
  const consoleErrors: string[] = [];
  let output = '';
  const app = await _electron.launch({
    executablePath: executable,
    args: [...flags, '-r', LOADER, ROOT],
    cwd: ROOT,
    env: { ...ownEnvironment(), ...environment, TMEM_CONSOLE_USER_DATA: userDataFolder, ...options.env },
    colorScheme: options.colorScheme ?? 'light',
    timeout: START_MS,
  });
  const program = app.process();
  for (const stream of [program.stdout, program.stderr]) {
    stream?.on('data', (bytes: Buffer) => {
      output += bytes.toString();
    });
  }
  collectErrors(app, consoleErrors);
  const page = await app.firstWindow({ timeout: START_MS }).catch((cause: unknown) => {
    program.kill('SIGKILL');
    throw new Error(`The console opened no window within ${START_MS / 1000} s. It printed:\n${output}`, { cause });
  });
  if (options.size !== undefined) await setSize(app, page, options.size);
  const removeOwnFolder = (): void => {
    if (options.userDataFolder === undefined) rmSync(userDataFolder, { recursive: true, force: true });
  };
  return {
    app,
    page,
    userDataFolder,
    consoleErrors,
    output: () => output,
    firstChart: async () => {
      await page.waitForFunction(() => document.documentElement.dataset['firstChart'] === 'painted', undefined, {
        timeout: START_MS,
      });
    },
    screenshot: async (name) => {
      const path = join(ROOT, 'test-results', `${name}.png`);
      mkdirSync(join(ROOT, 'test-results'), { recursive: true });
      await page.screenshot({ path });
      return path;
    },
    close: async (provoked) => {
      // What is under way when the app ends may fail.
      const found = [...consoleErrors];
      await app.close();
      removeOwnFolder();
      if (provoked === undefined && found.length > 0) {
        throw new Error(`The page had errors:\n${found.join('\n')}`);
      }
    },
    kill9: async () => {
      const ended = once(program, 'exit');
      program.kill('SIGKILL');
      await ended;
    },
  };
}

/** Our environment without what changes how Electron or Node start. */
function ownEnvironment(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(process.env).filter(
      (entry): entry is [string, string] =>
        entry[1] !== undefined && !['ELECTRON_RUN_AS_NODE', 'ELECTRON_RENDERER_URL', 'NODE_OPTIONS'].includes(entry[0]),
    ),
  );
}

function collectErrors(app: ElectronApplication, errors: string[]): void {
  const context = app.context();
  context.on('console', (message) => {
    if (message.type() === 'error') errors.push(`console: ${message.text()} (${message.location().url})`);
  });
  context.on('weberror', (error) => {
    errors.push(`thrown: ${error.error().stack ?? error.error().message}`);
  });
  context.on('requestfailed', (request) => {
    errors.push(`request: ${request.url()} ${request.failure()?.errorText ?? ''}`);
  });
}

async function setSize(app: ElectronApplication, page: Page, size: { width: number; height: number }): Promise<void> {
  await app.evaluate(({ BrowserWindow }, { width, height }) => {
    BrowserWindow.getAllWindows()[0]?.setContentSize(width, height);
  }, size);
  await page.waitForFunction(({ width, height }) => innerWidth === width && innerHeight === height, size);
}
