import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import * as v from 'valibot';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { REQUEST_NAMES, REQUESTS, ReplySchema } from '#contract/requests.ts';
import { launchConsole } from './harness/app.ts';
import type { RunningConsole } from './harness/app.ts';

/** What these tests reach of the page's globals. */
type Scope = Record<string, unknown> & { tmem: { request(name: unknown, argument: unknown): Promise<unknown> } };

type WithPreferences = { getLastWebPreferences(): Record<string, unknown> };

/** The requests that take something; those that take nothing answer to any empty object. */
const WITH_ARGUMENT = REQUEST_NAMES.filter((name) => !v.safeParse(REQUESTS[name].argument, {}).success);

let running: RunningConsole;
let outside: Server;
let outsideUrl: string;
const reachedOutside: string[] = [];

beforeAll(async () => {
  outside = createServer((request, response) => {
    reachedOutside.push(request.url ?? '');
    response.writeHead(200, { 'access-control-allow-origin': '*', 'content-type': 'text/html' }).end('outside');
  });
  outside.listen(0, '127.0.0.1');
  await once(outside, 'listening');
  outsideUrl = `http://127.0.0.1:${(outside.address() as AddressInfo).port}`;
  running = await launchConsole();
  await running.page.waitForLoadState('load');
});
afterAll(async () => {
  outside.closeAllConnections();
  outside.close();
  // These tests provoke what is refused, and Chromium says so.
  await running.close('errors were provoked');
});

/** Whether the page can import a module from an address. As text: the test runner would rewrite an import. */
function imported(address: string): Promise<unknown> {
  return running.page.evaluate(`import(${JSON.stringify(address)}).then(() => 'reached', () => 'refused')`);
}

describe('a page that was taken over', () => {
  it('runs sandboxed and isolated', async () => {
    const preferences = await running.app.evaluate(({ BrowserWindow }) =>
      // Not in Electron's documentation, but what it really gave the page.
      (BrowserWindow.getAllWindows()[0]?.webContents as unknown as WithPreferences).getLastWebPreferences(),
    );
    expect(preferences).toMatchObject({
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      webSecurity: true,
      webviewTag: false,
    });
  });

  it('sees nothing of Node or Electron but the two functions of the bridge', async () => {
    const seen = await running.page.evaluate(() => {
      const scope = window as unknown as Scope;
      const foreign = ['require', 'process', 'module', 'global', 'Buffer', 'electron', 'ipcRenderer'];
      return { globals: foreign.filter((name) => name in scope), bridge: Object.keys(scope.tmem).sort() };
    });
    expect(seen).toEqual({ globals: [], bridge: ['openStream', 'request'] });
  });

  it('gets a well-formed failure for every junk request, and the app lives on', async () => {
    const outcomes = await running.page.evaluate(async (names) => {
      const { tmem } = window as unknown as Scope;
      const cyclic: Record<string, unknown> = { paused: true };
      cyclic['self'] = cyclic;
      let deep: unknown = {};
      for (let level = 0; level < 500; level++) deep = { deep };
      const junk: unknown[] = [
        undefined, null, NaN, -0, 'x'.repeat(5_000_000), 10n ** 40n, [], [[]], new Date(NaN), new Map([[1, 2]]),
        new Uint8Array(1_000_000), () => 1, Symbol('x'), new Proxy({}, {}), cyclic, deep, document.body, window,
        JSON.parse('{"__proto__":{"paused":true}}'), { constructor: { prototype: { paused: true } } },
        { paused: 'yes' }, { speed: '2x' }, { changes: [] }, { changes: [{ kind: 'weight', guestId: 1, value: -1 }] },
        { changes: [{ kind: 'weight', guestId: 1, value: 65_536 }] }, { range: { fromS: 5, toS: 1 }, limit: 10 },
      ]; // prettier-ignore
      const results: { sent: string; reply?: unknown; refusedByBridge?: string }[] = [];
      for (const name of [...names, 'host.destroy', '__proto__', '', null, 5, {}]) {
        for (const [place, argument] of junk.entries()) {
          const sent = `${JSON.stringify(name)} with junk ${place}`;
          try {
            results.push({ sent, reply: await tmem.request(name, argument) });
          } catch (error) {
            results.push({ sent, refusedByBridge: String(error) });
          }
        }
      }
      return results;
    }, WITH_ARGUMENT);
    expect(outcomes.length).toBeGreaterThan(WITH_ARGUMENT.length * 25);
    for (const { sent, reply, refusedByBridge } of outcomes) {
      if (refusedByBridge === undefined) {
        const read = v.parse(ReplySchema, reply);
        expect(read.ok ? 'taken' : read.failure.code, sent).toBe('bad-request');
      } else {
        // What cannot be copied never left the page: Electron's bridge refuses it there.
        expect(refusedByBridge, sent).toMatch(/could not be cloned|recursion depth/);
      }
    }
    const polluted = await running.page.evaluate(() => 'paused' in {});
    expect(polluted).toBe(false);
  });

  it('cannot leave: no address, link or form takes the window elsewhere', async () => {
    const { page, app } = running;
    const before = page.url();
    await page.evaluate((url) => {
      const link = Object.assign(document.createElement('a'), { href: `${url}/link`, textContent: 'away' });
      const blank = Object.assign(document.createElement('a'), { href: `${url}/blank`, target: '_blank' });
      const form = Object.assign(document.createElement('form'), { action: `${url}/form`, method: 'post' });
      document.body.append(link, blank, form);
      for (const go of [
        () => location.assign(`${url}/assign`),
        () => location.assign('file:///etc/passwd'),
        () => location.assign('app://elsewhere/'),
        () => location.assign('app://console/assets/'),
        () => location.assign('data:text/html,away'),
        () => link.click(),
        () => blank.click(),
        () => form.submit(),
      ]) {
        try {
          go();
        } catch {
          // Refused before it was tried.
        }
      }
      for (const element of [link, blank, form]) element.remove();
    }, outsideUrl);
    const opened = await page.evaluate((url) => window.open(url), `${outsideUrl}/open`);
    expect(opened).toBeNull();
    // Two turns through the main process: whatever was under way has been decided.
    await app.evaluate(() => undefined);
    await page.evaluate(() => undefined);
    expect(page.url()).toBe(before);
    expect(await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length)).toBe(1);
    expect(reachedOutside).toEqual([]);
  });

  it('cannot speak to the outside by any means', async () => {
    const results = await running.page.evaluate(async (url) => {
      const failed = (attempt: Promise<unknown>): Promise<string> =>
        attempt.then(
          () => 'reached',
          () => 'refused',
        );
      const element = <K extends 'img' | 'script' | 'iframe' | 'link' | 'object'>(
        name: K,
        properties: Partial<HTMLElementTagNameMap[K]>,
      ): Promise<unknown> =>
        new Promise((resolve, reject) => {
          const made = Object.assign(document.createElement(name), properties);
          const refused = (): void => reject(new Error('refused'));
          made.addEventListener('load', resolve);
          made.addEventListener('error', refused);
          document.addEventListener('securitypolicyviolation', refused, { once: true });
          document.body.append(made);
        });
      const socket = (): Promise<unknown> =>
        new Promise((resolve, reject) => {
          const made = new WebSocket(url.replace('http', 'ws'));
          made.onopen = resolve;
          made.onerror = reject;
        });
      return {
        fetch: await failed(fetch(`${url}/fetch`)),
        noCors: await failed(fetch(`${url}/no-cors`, { mode: 'no-cors' })),
        fileUrl: await failed(fetch('file:///etc/passwd')),
        image: await failed(element('img', { src: `${url}/image` })),
        style: await failed(element('link', { rel: 'stylesheet', href: `${url}/style` })),
        frame: await failed(element('iframe', { src: `${url}/frame` })),
        object: await failed(element('object', { data: `${url}/object` })),
        socket: await failed(socket()),
        beacon: navigator.sendBeacon(`${url}/beacon`) ? 'queued' : 'refused',
      };
    }, outsideUrl);
    expect(await imported(`${outsideUrl}/module.js`)).toBe('refused');
    expect(results).toEqual({
      ...Object.fromEntries(Object.keys(results).map((name) => [name, 'refused'])),
      // Chromium takes a beacon into its queue before it asks the policy; that it was not sent is seen below.
      beacon: expect.stringMatching(/refused|queued/) as string,
    });
    expect(reachedOutside).toEqual([]);
  });

  it('cannot make script out of text', async () => {
    expect(await imported('data:text/javascript,window.ranData = 1')).toBe('refused');
    const ran = await running.page.evaluate(async () => {
      const scope = window as unknown as Record<string, unknown>;
      // What a debugger calls may use eval until it first waits.
      await new Promise((resolve) => setTimeout(resolve));
      const run = (attempt: () => unknown): void => {
        try {
          attempt();
        } catch {
          // Refused.
        }
      };
      run(() => (0, eval)('window.ranEval = 1'));
      // eslint-disable-next-line @typescript-eslint/no-implied-eval, @typescript-eslint/no-unsafe-call -- what is to be refused
      run(() => new Function('window.ranFunction = 1')());
      run(() => setTimeout('window.ranTimeout = 1' as unknown as () => void));
      run(() =>
        document.body.append(Object.assign(document.createElement('script'), { textContent: 'window.ranInline = 1' })),
      );
      run(() => document.body.insertAdjacentHTML('beforeend', '<img src="none" onerror="window.ranHandler = 1">'));
      run(() => {
        document.body.innerHTML += '<svg onload="window.ranSvg = 1"></svg>';
      });
      run(() => location.assign('javascript:window.ranAddress = 1'));
      run(() => {
        const source = 'window.ranBlob = 1';
        const script = document.createElement('script');
        script.src = URL.createObjectURL(new Blob([source], { type: 'text/javascript' }));
        document.body.append(script);
      });
      await new Promise((resolve) => requestAnimationFrame(resolve));
      return Object.keys(scope).filter((name) => name.startsWith('ran'));
    });
    expect(ran).toEqual([]);
  });

  it('is denied every permission', async () => {
    const outcomes = await running.page.evaluate(async () => {
      const outcome = (attempt: Promise<unknown>): Promise<string> =>
        attempt.then(
          (value) => String(value),
          () => 'denied',
        );
      const state = (name: string): Promise<string> =>
        outcome(navigator.permissions.query({ name: name as PermissionName }).then((status) => status.state));
      return {
        notifications: await outcome(Notification.requestPermission()),
        location: await outcome(
          new Promise((resolve, reject) => navigator.geolocation.getCurrentPosition(resolve, reject)),
        ),
        microphone: await outcome(navigator.mediaDevices.getUserMedia({ audio: true })),
        screen: await outcome(navigator.mediaDevices.getDisplayMedia()),
        clipboard: await outcome(navigator.clipboard.readText()),
        midi: await outcome(navigator.requestMIDIAccess({ sysex: true })),
        askedForCamera: await state('camera'),
        askedForLocation: await state('geolocation'),
      };
    });
    expect(outcomes).toEqual(Object.fromEntries(Object.keys(outcomes).map((name) => [name, 'denied'])));
  });

  it('can load nothing of the machine through its own address', async () => {
    const statuses = await running.page.evaluate(async () => {
      const addresses = [
        '/../../package.json',
        '/..%2f..%2fpackage.json',
        '/%2e%2e/%2e%2e/package.json',
        '//etc/hosts.json',
      ];
      const replies = await Promise.all(
        addresses.map((address) =>
          fetch(`app://console${address}`).then(
            (reply) => reply.status,
            () => 'refused',
          ),
        ),
      );
      const foreignHost = await fetch('app://elsewhere/index.html').then(
        (reply) => reply.status,
        () => 'refused',
      );
      return [...replies, foreignHost];
    });
    expect(statuses).toEqual([404, 404, 404, 404, 'refused']);
  });

  it('has no developer tools to open', async () => {
    const { app } = running;
    const opened = await app.evaluate(({ BrowserWindow, Menu }) => {
      const contents = BrowserWindow.getAllWindows()[0]?.webContents;
      contents?.openDevTools();
      const roles = Menu.getApplicationMenu()?.items.flatMap(
        ({ submenu }) => submenu?.items.map(({ role }) => role) ?? [],
      );
      return { devTools: contents?.isDevToolsOpened(), roles: roles?.map(String) };
    });
    expect(opened.devTools).toBe(false);
    expect(opened.roles).not.toContain('toggledevtools');
    expect(opened.roles).not.toContain('reload');
  });
});
