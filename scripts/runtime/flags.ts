import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { say } from '../say.ts';
import { collect } from '../run.ts';
import type { Runtime } from './runtime.ts';

/**
 * The flags that this machine needs and that the product never sets itself: no Chromium sandbox where it cannot run (as
 * root, or where neither user namespaces nor a setuid helper are to be had), no GPU process where there is no GPU.
 */
export async function machineFlags(runtime: Runtime, { ownDisplay }: { ownDisplay: boolean }): Promise<string[]> {
  const flags: string[] = [];
  if (process.platform !== 'linux') return flags;
  if (process.getuid?.() === 0) flags.push('--no-sandbox');
  else if (!hasSetuidHelper(runtime) && (await collect('unshare', ['--user', 'true'])).code !== 0) {
    say('This machine allows no user namespaces: running without the sandbox of Chromium (development only).');
    flags.push('--no-sandbox');
  }
  if (ownDisplay || !existsSync('/dev/dri')) flags.push('--disable-gpu');
  return flags;
}

function hasSetuidHelper(runtime: Runtime): boolean {
  const helper = join(runtime.distFolder, 'chrome-sandbox');
  if (!existsSync(helper)) return false;
  const { uid, mode } = statSync(helper);
  return uid === 0 && (mode & 0o4000) !== 0;
}
