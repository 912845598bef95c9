import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LaunchError } from '../say.ts';

/** Whether a person can see windows here. */
export function hasDisplay(environment: NodeJS.ProcessEnv = process.env): boolean {
  if (process.platform !== 'linux') return true;
  return [environment['DISPLAY'], environment['WAYLAND_DISPLAY']].some((name) => name !== undefined && name !== '');
}

/** A display in memory, for machines that have none. */
export type Display = {
  /** What a program needs in its environment to use it. */
  environment: { DISPLAY: string; XAUTHORITY: string };
  /** Ends it; only after the programs that use it. */
  close(): void;
};

/** Runs Xvfb for as long as somebody holds the other end of its standard input: however we end, it ends with us. */
const WITH_US = 'folder=$1; shift; Xvfb "$@" 3>&3 & exec 3>&-; read -r _; kill $!; rm -rf "$folder"';

/**
 * Starts Xvfb on a number that it chooses itself, open only to holders of a fresh cookie. Not by `xvfb-run`: so the
 * display is known to be ready, and the terminal's Ctrl+C does not take it from a window that still uses it.
 */
export async function openDisplay(size = '1920x1200'): Promise<Display> {
  const folder = mkdtempSync(join(tmpdir(), 'tmem-console-display-'));
  const cookies = join(folder, 'Xauthority');
  writeFileSync(cookies, cookieFile(randomBytes(16)), { mode: 0o600 });
  const options = ['-displayfd', '3', '-screen', '0', `${size}x24`, '-nolisten', 'tcp', '-auth', cookies, '-noreset'];
  const keeper = spawn('sh', ['-c', WITH_US, 'sh', folder, ...options], {
    stdio: ['pipe', 'ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const close = (): void => {
    keeper.stdin?.destroy();
  };
  try {
    const number = await displayNumber(keeper);
    // It must not keep us from ending.
    for (const pipe of keeper.stdio) (pipe as Socket | null)?.unref();
    keeper.unref();
    return { environment: { DISPLAY: `:${number}`, XAUTHORITY: cookies }, close };
  } catch (error) {
    close();
    throw error;
  }
}

function displayNumber(keeper: ChildProcess): Promise<string> {
  const [, , errors, numbers] = keeper.stdio as unknown as readonly Socket[];
  return new Promise((resolve, reject) => {
    let complaint = '';
    let number = '';
    errors?.on('data', (bytes: Buffer) => {
      complaint += bytes.toString();
    });
    numbers?.on('data', (bytes: Buffer) => {
      number += bytes.toString();
      if (number.endsWith('\n')) resolve(number.trim());
    });
    keeper.once('error', (error) => reject(new LaunchError(`Xvfb could not be started: ${error.message}`)));
    numbers?.once('close', () => reject(new LaunchError(`Xvfb ended before it was ready: ${complaint.trim()}`)));
  });
}

/** An Xauthority file with one MIT-MAGIC-COOKIE-1 for any host and display (each field: length and bytes, big endian). */
function cookieFile(cookie: Buffer): Buffer {
  const field = (bytes: Buffer): Buffer =>
    Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 0xff]), bytes]);
  const anyHost = Buffer.from([0xff, 0xff]);
  const empty = Buffer.alloc(0);
  return Buffer.concat([anyHost, field(empty), field(empty), field(Buffer.from('MIT-MAGIC-COOKIE-1')), field(cookie)]);
}
