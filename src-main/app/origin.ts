/** The scheme and host under which the window loads its files. */
export const APP_SCHEME = 'app';
export const APP_HOST = 'console';
export const APP_URL = `${APP_SCHEME}://${APP_HOST}/`;

/** An address in its parts, or null where it is none. */
export function parseUrl(address: string): URL | null {
  try {
    return new URL(address);
  } catch {
    return null;
  }
}

/** Whether an address is one of the console's own pages. */
export function isOwnUrl(address: string, devServer: string | null): boolean {
  const url = parseUrl(address);
  if (url?.username !== '' || url.password !== '') return false;
  if (url.protocol === `${APP_SCHEME}:`) return url.host === APP_HOST;
  return devServer !== null && url.origin === devServer;
}
