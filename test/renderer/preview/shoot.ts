/**
 * Pictures of the console over a fake host, for looking at it while its design is worked on:
 * `node test/renderer/preview/shoot.ts [folder] [names…]`. Needs a Chromium (`CHROMIUM`, or /usr/bin/chromium).
 */
import { mkdirSync } from 'node:fs';
import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import { extname, join, resolve } from 'node:path';
import vue from '@vitejs/plugin-vue';
import { chromium, type Page } from 'playwright-core';
import { build } from 'vite';
import { CONTENT_SECURITY_POLICY } from '#main/app/content-security-policy.ts';
import type { FakeOptions } from '../fake-host.ts';

const root = resolve(import.meta.dirname, '../../..');
const [folder = join(root, 'test-results/preview'), ...only] = process.argv.slice(2);
interface Shot {
  name: string;
  path: string;
  options?: FakeOptions;
  act?: (page: Page) => Promise<void>;
}

const failure = {
  code: 'history-damaged' as const,
  message: 'The history cannot be read: page 411 of the database is damaged.',
  remedy: 'Restore a backup, or move the database away to begin a new one.',
};
const SHOTS: Shot[] = [
  { name: 'overview', path: '/overview', act: changeWeight },
  { name: 'overview-fresh', path: '/overview', options: { seconds: 0, paused: true } },
  { name: 'overview-restart', path: '/overview', options: { seconds: 60, pastSeconds: 900 } },
  { name: 'overview-15m', path: '/overview', options: { seconds: 2_000 }, act: (page) => choose(page, 'window-15m') },
  { name: 'overview-1h', path: '/overview', options: { seconds: 5_000 }, act: (page) => choose(page, 'window-1h') },
  { name: 'overview-hover', path: '/overview', act: hover },
  { name: 'overview-keyboard', path: '/overview', act: keyboard },
  { name: 'overview-table', path: '/overview', act: (page) => page.getByRole('button', { name: 'Pool occupancy as a table' }).click() },
  { name: 'overview-ram', path: '/overview', act: (page) => page.locator('[data-part="ephemeral 2"]').hover() },
  { name: 'overview-paused', path: '/overview', options: { paused: true } },
  { name: 'overview-loading', path: '/overview', options: { hanging: ['host.describe'] } },
  { name: 'overview-ended', path: '/overview', options: { failures: { 'host.describe': { code: 'host-failed', message: 'The host thread ended with an error: the trace filemap-db.txt.gz is damaged at byte 40,211.', remedy: 'Reinstall Tmem Console, or give another scenario.' } } } },
  { name: 'overview-errors', path: '/overview', options: { failures: { 'history.events': failure, 'history.evictionSummary': failure, 'history.series': failure }, historyFailure: { code: 'history-unwritable', message: 'The history cannot be written: the disk is full.', remedy: 'Free some space; the last hour is kept in memory until then.' } }, act: (page) => choose(page, 'window-1h') },
  { name: 'overview-64', path: '/overview', options: { guests: 64, totalMib: 4096 } },
  { name: 'guests', path: '/guests' },
  { name: 'guests-editing', path: '/guests', act: editing },
  { name: 'guests-error', path: '/guests', options: { failures: { 'host.applyChanges': { code: 'history-unwritable', message: 'The change was not made: its audit row cannot be written, the disk is full.', remedy: 'Free some space and press Enter again.' } } }, act: applyTwo },
  { name: 'guests-busy', path: '/guests', options: { hanging: ['host.applyChanges'] }, act: applyTwo },
  { name: 'guests-applied', path: '/guests', act: applyTwo },
  { name: 'guests-64', path: '/guests', options: { guests: 64, totalMib: 4096 } },
  { name: 'evictions', path: '/evictions', options: { seconds: 1_200 } },
  { name: 'evictions-new', path: '/evictions', options: { seconds: 1_200 }, act: (page) => page.waitForTimeout(3_000) },
  { name: 'evictions-filter', path: '/evictions', options: { seconds: 1_200 }, act: filter },
  { name: 'evictions-wrong', path: '/evictions', options: { seconds: 1_200, pastSeconds: 300 }, act: (page) => page.getByTestId('filter-from').fill('12:3') },
  { name: 'evictions-empty', path: '/evictions', options: { seconds: 5 } },
  { name: 'evictions-error', path: '/evictions', options: { failures: { 'history.evictions': failure, 'history.evictionSummary': failure } } },
  { name: 'evictions-64', path: '/evictions', options: { guests: 64, totalMib: 4096, seconds: 400 } },
  { name: 'palette', path: '/overview', act: palette },
  { name: 'sheet', path: '/overview', act: (page) => page.keyboard.press('?') },
]; // prettier-ignore

function choose(page: Page, testid: string): Promise<void> {
  return page.getByTestId(testid).click();
}

async function changeWeight(page: Page): Promise<void> {
  await page.getByTestId('nav-guests').click();
  await page.getByTestId('weight-build').fill('400');
  await page.getByTestId('weight-build').press('Enter');
  await page.getByTestId('applied-build').waitFor();
  await page.getByTestId('nav-overview').click();
  await page.getByTestId('speed-10x').click();
  await page.waitForTimeout(4_500);
}

async function hover(page: Page): Promise<void> {
  const box = await page.getByTestId('chart-evictions').boundingBox();
  if (box !== null) await page.mouse.move(box.x + box.width * 0.6, box.y + box.height * 0.5);
}

async function keyboard(page: Page): Promise<void> {
  await page.getByLabel('Time cursor of Pool occupancy').focus();
  for (let i = 0; i < 30; i++) await page.keyboard.press('ArrowLeft');
}

async function editing(page: Page): Promise<void> {
  await page.getByTestId('weight-build').fill('400');
  await page.getByTestId('target-search').fill('12.5');
  await page.getByTestId('weight-db').fill('1e9');
}

async function applyTwo(page: Page): Promise<void> {
  await page.getByTestId('weight-build').fill('400');
  await page.getByTestId('weight-build').press('Enter');
}

async function filter(page: Page): Promise<void> {
  await page.getByTestId('filter-victim').click();
  await page.getByTestId('filter-victim-search').check();
}

async function palette(page: Page): Promise<void> {
  await page.keyboard.press('Control+k');
  await page.getByTestId('palette-input').fill('weight');
}

const out = join(root, 'node_modules/.cache/preview');
await build({
  root: join(root, 'src-renderer'),
  configFile: false,
  plugins: [vue()],
  logLevel: 'warn',
  build: { target: 'chrome130', outDir: out, emptyOutDir: true, assetsInlineLimit: 0 },
});
const injected = await build({
  root,
  configFile: false,
  logLevel: 'warn',
  build: {
    write: false,
    minify: false,
    lib: { entry: join(root, 'test/renderer/preview/inject.ts'), formats: ['iife'], name: 'preview' },
  },
});
const output = Array.isArray(injected) ? injected[0] : injected;
if (output === undefined || !('output' in output)) throw new Error('The fake host was not bundled.');
const script = output.output[0].code;

const TYPES: Record<string, string> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.woff2': 'font/woff2',
};
const server = createServer((request, response) => {
  const path = new URL(request.url ?? '/', 'http://localhost').pathname;
  if (path === '/favicon.ico') return void response.writeHead(204).end();
  readFile(join(out, path === '/' ? 'index.html' : path)).then(
    (body) =>
      response
        .writeHead(200, {
          'content-type': TYPES[extname(path === '/' ? '.html' : path)] ?? 'text/html',
          'content-security-policy': CONTENT_SECURITY_POLICY,
        })
        .end(body),
    () => response.writeHead(404).end(),
  );
});
await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
const address = server.address();
const port = typeof address === 'object' && address !== null ? address.port : 0;

mkdirSync(folder, { recursive: true });
const browser = await chromium.launch({
  executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
  args: ['--no-sandbox'],
});
const sizes = (process.env['SIZES'] ?? '1280x800').split(',');
const schemes = (process.env['SCHEMES'] ?? 'dark').split(',') as ('light' | 'dark')[];
for (const size of sizes) {
  const [width = 1280, height = 800] = size.split('x').map(Number);
  for (const colorScheme of schemes) {
    for (const shot of SHOTS) {
      if (only.length > 0 && !only.includes(shot.name)) continue;
      const context = await browser.newContext({
        viewport: { width, height },
        colorScheme,
        ...(process.env['CONTRAST'] === 'more' ? { contrast: 'more' as const } : {}),
      });
      const page = await context.newPage();
      const problems: string[] = [];
      page.on('console', (message) => ['error', 'warning'].includes(message.type()) && problems.push(message.text()));
      page.on('pageerror', (error) => problems.push(String(error)));
      await page.addInitScript(`window.previewOptions = ${JSON.stringify(shot.options ?? {})};\n${script}`);
      await page.goto(`http://127.0.0.1:${port}/#${shot.path}`);
      await page.waitForTimeout(700);
      try {
        await shot.act?.(page);
      } catch (error) {
        problems.push(String(error));
      }
      await page.waitForTimeout(600);
      if (process.env['AXE'] !== undefined) {
        await page.evaluate(await readFile(join(root, 'node_modules/axe-core/axe.min.js'), 'utf8'));
        const found = await page.evaluate(
          'axe.run(document, {resultTypes:["violations"]}).then((r) => r.violations.map((v) => v.id + ": " + v.nodes.map((n) => n.target.join(" ") + " " + (n.any[0]?.message ?? "")).slice(0, 4).join(" | ")))',
        );
        problems.push(...(found as string[]));
      }
      const file = join(folder, `${shot.name}-${colorScheme}-${width}.png`);
      await page.screenshot({ path: file });
      process.stdout.write(`${file}${problems.map((problem) => `\n  ${problem}`).join('')}\n`);
      await context.close();
    }
  }
}
await browser.close();
server.close();
