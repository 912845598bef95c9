import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readEnvironment } from '#main/app/environment.ts';
import { Log } from '#main/app/log.ts';
import { isOwnUrl } from '#main/app/origin.ts';
import { placeOn, readWindowPlace, writeWindowPlace } from '#main/app/window-place.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tmem-console-app-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('where the window stands', () => {
  const place = { bounds: { x: 40, y: 30, width: 1400, height: 900 }, maximized: true };
  const screens = [{ x: 0, y: 0, width: 1920, height: 1080 }];

  it('is remembered, in a file that is never half written', () => {
    const file = join(folder, 'deep', 'window.json');
    writeWindowPlace(file, place);
    expect(readWindowPlace(file)).toEqual(place);
    expect(readdirSync(join(folder, 'deep'))).toEqual(['window.json']);
  });

  it.each([
    ['', 'an empty file'],
    ['{"version":1,"bounds":{"x":0', 'half a file'],
    ['{"version":2,"bounds":{"x":0,"y":0,"width":800,"height":600},"maximized":false}', 'another version'],
    ['{"version":1,"bounds":{"x":0,"y":0,"width":-5,"height":1e9},"maximized":false}', 'absurd numbers'],
    ['{"version":1,"bounds":{"x":"0","y":0,"width":8,"height":6},"maximized":0}', 'wrong types'],
  ])('is forgotten rather than believed: %s (%s)', (content) => {
    const file = join(folder, 'window.json');
    writeFileSync(file, content);
    expect(readWindowPlace(file)).toBeNull();
  });

  it('is taken only where a person can get hold of the window', () => {
    expect(placeOn(screens, place)).toEqual(place.bounds);
    expect(placeOn(screens, null)).toEqual({ width: 1280, height: 800 });
    const gone = { maximized: false, bounds: { x: 2500, y: 30, width: 1400, height: 900 } };
    expect(placeOn(screens, gone)).toEqual({ width: 1400, height: 900 });
    const aboveTheTop = { maximized: false, bounds: { x: 40, y: -20, width: 1400, height: 900 } };
    expect(placeOn(screens, aboveTheTop)).toEqual({ width: 1400, height: 900 });
    const tiny = { maximized: false, bounds: { x: 0, y: 0, width: 1, height: 1 } };
    expect(placeOn(screens, tiny)).toEqual({ x: 0, y: 0, width: 960, height: 600 });
  });
});

describe('the log', () => {
  it('keeps what went wrong with its stack, and one line cannot fill the disk', () => {
    const file = join(folder, 'logs', 'main.log');
    const log = new Log(file);
    log.error('the page', new Error('broken'));
    log.info('x'.repeat(1_000_000));
    const text = readFileSync(file, 'utf8');
    expect(text).toMatch(/ error the page: Error: broken\n {8}at /);
    expect(text.length).toBeLessThan(20_000);
  });

  it('rotates, and keeps three full files', () => {
    const file = join(folder, 'main.log');
    const log = new Log(file);
    for (let line = 0; line < 1_000; line++) log.info('y'.repeat(7_000));
    expect(readdirSync(folder).sort()).toEqual(['main.log', 'main.log.1', 'main.log.2', 'main.log.3']);
    for (const name of readdirSync(folder)) {
      expect(readFileSync(join(folder, name)).length).toBeLessThanOrEqual(1_048_576);
    }
  });
});

describe('the environment', () => {
  it('is empty by default and takes an empty variable for none', () => {
    const none = {
      userDataFolder: null,
      scenarioFile: null,
      seed: null,
      screenshotFile: null,
      reportFile: null,
      devServer: null,
    };
    expect(readEnvironment({}, false)).toEqual(none);
    expect(readEnvironment({ TMEM_CONSOLE_SEED: '', TMEM_CONSOLE_USER_DATA: '' }, false)).toEqual(none);
  });

  it('reads what fits', () => {
    expect(
      readEnvironment(
        { TMEM_CONSOLE_USER_DATA: folder, TMEM_CONSOLE_SEED: '42', ELECTRON_RENDERER_URL: 'http://localhost:5173/' },
        false,
      ),
    ).toMatchObject({ userDataFolder: folder, seed: 42, devServer: 'http://localhost:5173' });
  });

  it.each([
    ['TMEM_CONSOLE_USER_DATA', 'relative/folder'],
    ['TMEM_CONSOLE_USER_DATA', '/nul\0'],
    ['TMEM_CONSOLE_SEED', '-1'],
    ['TMEM_CONSOLE_SEED', '1e9'],
    ['TMEM_CONSOLE_SCREENSHOT', '../shot.png'],
    ['ELECTRON_RENDERER_URL', 'https://example.org:443'],
    ['ELECTRON_RENDERER_URL', 'http://localhost.example.org:5173'],
    ['ELECTRON_RENDERER_URL', 'http://localhost:5173@example.org:80'],
  ])('refuses %s=%j with a sentence that names it', (name, value) => {
    expect(() => readEnvironment({ [name]: value }, false)).toThrow(name);
  });

  it('never lets a packaged app load its page from a server', () => {
    expect(readEnvironment({ ELECTRON_RENDERER_URL: 'http://localhost:5173' }, true).devServer).toBeNull();
  });
});

describe('whose page it is', () => {
  it.each([
    ['app://console/', null, true],
    ['app://console/guests#top', null, true],
    ['app://consol/', null, false],
    ['app://console.example.org/', null, false],
    ['app://user@console/', null, false],
    ['APP://console/', null, true],
    ['http://localhost:5173/', null, false],
    ['http://localhost:5173/', 'http://localhost:5173', true],
    ['http://localhost:51730/', 'http://localhost:5173', false],
    ['http://localhost:5173@example.org/', 'http://localhost:5173', false],
    ['file:///etc/passwd', null, false],
    ['about:blank', null, false],
    ['', null, false],
  ])('%s with the development server %s: %s', (url, devServer, own) => {
    expect(isOwnUrl(url, devServer)).toBe(own);
  });
});
