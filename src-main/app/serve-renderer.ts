import { readFile } from 'node:fs/promises';
import { extname, join, relative, resolve, sep } from 'node:path';
import { CONTENT_SECURITY_POLICY } from './content-security-policy.ts';
import { APP_HOST, parseUrl } from './origin.ts';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
};

/**
 * Answers the requests of `app://console/`: the files of `folder` and nothing else. A path without an extension is a page
 * of the router and gets the entry page.
 */
export function serveRenderer(folder: string): (request: Request) => Promise<Response> {
  return async (request) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') return refusal(405);
    const file = fileOf(folder, request.url);
    if (file === null) return refusal(404);
    const type = TYPES[extname(file)];
    if (type === undefined) return refusal(404);
    try {
      const bytes = await readFile(file);
      return new Response(request.method === 'HEAD' ? null : bytes, { headers: { ...headers, 'Content-Type': type } });
    } catch {
      return refusal(404);
    }
  };
}

const headers = {
  'Content-Security-Policy': CONTENT_SECURITY_POLICY,
  'X-Content-Type-Options': 'nosniff',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
};

function refusal(status: 404 | 405): Response {
  return new Response(null, { status, headers });
}

/** The file that an address names inside `folder`; null if it names none or leads outside. */
function fileOf(folder: string, address: string): string | null {
  const url = parseUrl(address);
  if (url?.host !== APP_HOST) return null;
  let path: string;
  try {
    path = decodeURIComponent(url.pathname);
  } catch {
    return null;
  }
  if (path.includes('\0') || path.includes('\\')) return null;
  const file = resolve(folder, `.${path}`);
  const inside = relative(folder, file);
  if (inside === '..' || inside.startsWith(`..${sep}`)) return null;
  return extname(file) === '' ? join(folder, 'index.html') : file;
}
