import type { Session, WebContents, WebPreferences } from 'electron';
import { developmentPolicy } from './content-security-policy.ts';
import { isOwnUrl } from './origin.ts';

/** What the page may not do, whatever is in it. */
export function webPreferences(preload: string, isDevelopment: boolean): WebPreferences {
  return {
    preload,
    sandbox: true,
    contextIsolation: true,
    nodeIntegration: false,
    nodeIntegrationInWorker: false,
    nodeIntegrationInSubFrames: false,
    webSecurity: true,
    webviewTag: false,
    navigateOnDragDrop: false,
    // Dictionaries would be fetched from outside.
    spellcheck: false,
    devTools: isDevelopment,
  };
}

/** Denies every permission, download and request that leaves the console. */
export function secureSession(session: Session, devServer: string | null): void {
  session.setPermissionRequestHandler((_contents, _permission, answer) => answer(false));
  session.setPermissionCheckHandler(() => false);
  session.setDevicePermissionHandler(() => false);
  session.setDisplayMediaRequestHandler((_request, answer) => answer({}));
  session.on('will-download', (event) => event.preventDefault());
  session.webRequest.onBeforeRequest(({ url }, answer) => answer({ cancel: !mayLoad(url, devServer) }));
  if (devServer !== null) {
    const policy = developmentPolicy(devServer);
    session.webRequest.onHeadersReceived(({ responseHeaders }, answer) =>
      answer({ responseHeaders: { ...responseHeaders, 'Content-Security-Policy': [policy] } }),
    );
  }
}

/** The console's own files, what it made itself, and in development the tools and the hot-reload socket. */
function mayLoad(url: string, devServer: string | null): boolean {
  if (isOwnUrl(url, devServer) || /^(data|blob):/.test(url)) return true;
  return devServer !== null && (url.startsWith('devtools:') || isOwnUrl(url.replace(/^ws:/, 'http:'), devServer));
}

/** No navigation, no new windows, no embedded pages. A page may only be loaded again. */
export function secureContents(contents: WebContents, onRefused: (what: string) => void): void {
  contents.setWindowOpenHandler(({ url }) => {
    onRefused(`a new window for ${url}`);
    return { action: 'deny' };
  });
  contents.on('will-frame-navigate', (event) => {
    if (event.isMainFrame && withoutHash(event.url) === withoutHash(contents.getURL())) return;
    onRefused(`a navigation to ${event.url}`);
    event.preventDefault();
  });
  contents.on('will-redirect', (event) => {
    onRefused(`a redirection to ${event.url}`);
    event.preventDefault();
  });
  contents.on('will-attach-webview', (event) => {
    onRefused('an embedded page');
    event.preventDefault();
  });
}

function withoutHash(url: string): string {
  return url.replace(/#.*$/, '');
}
