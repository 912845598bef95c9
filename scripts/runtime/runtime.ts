import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** An Electron that can be started. */
export type Runtime = {
  /** The program to start: give it to `spawn`, to Playwright, or as ELECTRON_EXEC_PATH to electron-vite. */
  executable: string;
  /** The folder that holds Electron's own files (for the check of system libraries). */
  distFolder: string;
  version: string;
  /** One line for the person: which Electron this is, and from where. */
  description: string;
};

/** Where Electron's distributions keep their program on this platform. */
export function executableName(): string {
  if (process.platform === 'darwin') return 'Electron.app/Contents/MacOS/Electron';
  return process.platform === 'win32' ? 'electron.exe' : 'electron';
}

/** The version that a distribution of Electron says it has. */
export function versionOf(distFolder: string): string {
  const file = join(distFolder, 'version');
  return existsSync(file) ? readFileSync(file, 'utf8').trim().replace(/^v/, '') : 'of unknown version';
}
