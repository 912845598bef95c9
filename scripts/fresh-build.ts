import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ROOT } from './root.ts';
import { runHere } from './run.ts';
import { LaunchError, say } from './say.ts';

/** What the build is made of; `resources/` is read where it lies. */
const SOURCES = [
  'src-main',
  'src-preload',
  'src-renderer',
  'electron.vite.config.ts',
  'package.json',
  'package-lock.json',
];
const OUTPUTS = ['out/main/main.cjs', 'out/preload/preload.cjs', 'out/renderer/index.html'];
/** Written when a build has ended well: the time at which it began. A build that was killed leaves none. */
const STAMP = join(ROOT, 'out', '.built-at');

/**
 * Builds the app into `out/`, unless what is there is whole and newer than the sources.
 *
 * @throws LaunchError if the build fails.
 */
export async function ensureBuilt(): Promise<void> {
  if (await isFresh()) return;
  say('Building …');
  await build();
}

/** What is in `out/` is not to be taken for a build: the development server writes there too. */
export function discardBuild(): void {
  rmSync(STAMP, { force: true });
}

/** Builds the app into `out/`. */
export async function build(): Promise<void> {
  discardBuild();
  const begin = Date.now();
  const electronVite = join(ROOT, 'node_modules', 'electron-vite', 'bin', 'electron-vite.js');
  const code = await runHere(process.execPath, [electronVite, 'build', '--logLevel', 'warn'], {
    cwd: ROOT,
    stdio: ['ignore', 2, 2],
  });
  if (code !== 0) throw new LaunchError(`The build failed (electron-vite build ended with ${code}).`);
  writeFileSync(STAMP, `${begin}\n`);
}

async function isFresh(): Promise<boolean> {
  if (![STAMP, ...OUTPUTS.map((file) => join(ROOT, file))].every((file) => existsSync(file))) return false;
  const builtAt = Number(readFileSync(STAMP, 'utf8'));
  for (const source of SOURCES) {
    if ((await newestIn(join(ROOT, source))) >= builtAt) return false;
  }
  return true;
}

/** When anything in a file or folder last changed, ms; a folder changes when something is added to it or removed. */
async function newestIn(path: string): Promise<number> {
  const status = statSync(path);
  if (!status.isDirectory()) return status.mtimeMs;
  const inside = await readdir(path, { recursive: true });
  return Math.max(status.mtimeMs, ...inside.map((name) => statSync(join(path, name)).mtimeMs));
}
