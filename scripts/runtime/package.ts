import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { say } from '../say.ts';
import { collect } from '../run.ts';
import { versionOf } from './runtime.ts';
import type { Runtime } from './runtime.ts';

/** A slow line may take long; a blocked one fails within seconds by itself. */
const DOWNLOAD_MS = 10 * 60_000;

/**
 * The binary of the electron package. From version 42 on the package has no install script: its `install.js` is run here,
 * which does nothing where the binary is there, downloads it (GitHub, or ELECTRON_MIRROR) and checks its digest.
 */
export async function packageRuntime(): Promise<{ runtime: Runtime; reason: '' } | { runtime: null; reason: string }> {
  let manifest: string;
  try {
    manifest = createRequire(import.meta.url).resolve('electron/package.json');
  } catch {
    return { runtime: null, reason: 'the electron package is not installed (npm ci)' };
  }
  const folder = dirname(manifest);
  const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string };
  const installed = installedBinary(folder, version);
  if (installed !== null) return { runtime: installed, reason: '' };
  say(`Downloading Electron ${version} …`);
  const { code, output } = await collect(process.execPath, [join(folder, 'install.js')], { timeout: DOWNLOAD_MS });
  const runtime = installedBinary(folder, version);
  if (runtime !== null) return { runtime, reason: '' };
  const why = /^\w*Error: .*$/m.exec(output)?.[0] ?? `install.js ended with ${code}`;
  return { runtime: null, reason: `the download of Electron ${version} failed (${why})` };
}

function installedBinary(folder: string, version: string): Runtime | null {
  const pathFile = join(folder, 'path.txt');
  const distFolder = join(folder, 'dist');
  if (!existsSync(pathFile) || versionOf(distFolder) !== version) return null;
  const executable = join(distFolder, readFileSync(pathFile, 'utf8'));
  if (!existsSync(executable)) return null;
  return { executable, distFolder, version, description: `Electron ${version} of the electron package` };
}
