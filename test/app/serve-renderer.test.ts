import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { serveRenderer } from '#main/app/serve-renderer.ts';

const SECRET = 'not for the page';
let base: string;
let serve: (request: Request) => Promise<Response>;
const get = (url: string, method = 'GET'): Promise<Response> =>
  // Only what the handler reads: a real Request would tidy the address before we could see what it does with a bad one.
  serve({ url, method } as Request);

beforeAll(() => {
  base = mkdtempSync(join(tmpdir(), 'tmem-console-serve-'));
  const folder = join(base, 'renderer');
  mkdirSync(join(folder, 'assets'), { recursive: true });
  writeFileSync(join(folder, 'index.html'), '<!doctype html>entry');
  writeFileSync(join(folder, 'assets', 'page.js'), 'export {}');
  writeFileSync(join(folder, 'assets', 'font.woff2'), 'font');
  writeFileSync(join(folder, 'assets', 'tool.exe'), 'MZ');
  writeFileSync(join(base, 'secret.json'), SECRET);
  mkdirSync(join(base, 'renderer-old'));
  writeFileSync(join(base, 'renderer-old', 'secret.json'), SECRET);
  serve = serveRenderer(folder);
});
afterAll(() => rmSync(base, { recursive: true }));

describe('app://console/', () => {
  it.each([
    ['app://console/', 'text/html; charset=utf-8'],
    ['app://console/index.html', 'text/html; charset=utf-8'],
    ['app://console/guests', 'text/html; charset=utf-8'],
    ['app://console/assets/page.js?v=1', 'text/javascript; charset=utf-8'],
    ['app://console/assets/font.woff2', 'font/woff2'],
  ])('serves %s as %s', async (url, type) => {
    const response = await get(url);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe(type);
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
  });

  it('sends a policy with every answer that lets no script in but our files', async () => {
    for (const url of ['app://console/', 'app://console/assets/page.js', 'app://console/missing.js']) {
      const policy = (await get(url)).headers.get('content-security-policy') ?? '';
      expect(policy).toContain("default-src 'none'");
      expect(policy).toContain("script-src 'self';");
      expect(policy).not.toMatch(/unsafe-|\*|https?:|blob:/);
    }
  });

  it.each([
    'app://console/../secret.json',
    'app://console/%2e%2e/secret.json',
    'app://console/%2e%2e%2fsecret.json',
    'app://console/assets/..%2f..%2fsecret.json',
    'app://console/..%5csecret.json',
    'app://console/..%2frenderer-old/secret.json',
    'app://console//etc/passwd.json',
    'app://console/%00.html',
    'app://console/%',
    'app://console/assets/tool.exe',
    'app://console/assets/none.js',
    'app://elsewhere/index.html',
    'nonsense',
  ])('refuses %s', async (url) => {
    const response = await get(url);
    expect(response.status).toBe(404);
    expect(await response.text()).toBe('');
  });

  it('answers only to reading', async () => {
    expect((await get('app://console/', 'POST')).status).toBe(405);
    const head = await get('app://console/', 'HEAD');
    expect([head.status, await head.text()]).toEqual([200, '']);
  });

  it('never serves what lies outside, however the address is written', async () => {
    const part = fc.constantFrom(
      '..',
      '%2e%2e',
      '%2E.',
      '.',
      '/',
      '%2f',
      '%5c',
      '\\',
      'assets',
      'secret.json',
      'renderer-old',
      '%00',
      '%',
    );
    await fc.assert(
      fc.asyncProperty(fc.array(part, { maxLength: 12 }), async (parts) => {
        const response = await get(`app://console/${parts.join('/')}`);
        expect(await response.text()).not.toContain(SECRET);
      }),
      { numRuns: 500 },
    );
  });
});
