import { join } from 'node:path';
import { app, BrowserWindow, protocol, session } from 'electron';
import { HistoryReader } from '../history/reader-client.ts';
import { ReportClient } from '../report/report-client.ts';
import { HostThreadClient } from '../host-thread/client.ts';
import { Backend } from './backend.ts';
import type { Reports } from './backend.ts';
import { chooseReportTarget } from './choose-target.ts';
import type { AppEnvironment } from './environment.ts';
import { saveFirstChartPicture } from './first-chart-picture.ts';
import { openIpc } from './ipc.ts';
import { Log } from './log.ts';
import type { TellError } from './log.ts';
import { setMenu } from './menu.ts';
import { APP_SCHEME, APP_URL } from './origin.ts';
import { reloadAfterCrash } from './reload-after-crash.ts';
import { secureContents, secureSession, webPreferences } from './security.ts';
import { serveRenderer } from './serve-renderer.ts';
import { openWindow } from './window.ts';

/** Must be said before Electron is ready: our pages are a secure origin like https, with a code cache. */
export function registerScheme(): void {
  protocol.registerSchemesAsPrivileged([
    {
      scheme: APP_SCHEME,
      privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true },
    },
  ]);
}

/** Opens the window at once and starts the host beside it. */
export function startConsole(environment: AppEnvironment): void {
  const { devServer, screenshotFile } = environment;
  const isDevelopment = devServer !== null;
  const userData = app.getPath('userData');
  const log = new Log(join(userData, 'logs', 'main.log'));
  const onError: TellError = (where, thrown) => log.error(where, thrown);
  log.info(`Tmem Console ${app.getVersion()} on Electron ${process.versions.electron}, ${process.platform}`);

  protocol.handle(APP_SCHEME, serveRenderer(join(app.getAppPath(), 'out', 'renderer')));
  secureSession(session.defaultSession, devServer);
  app.on('web-contents-created', (_event, contents) =>
    secureContents(contents, (what) => onError('security', new Error(`Refused: ${what}.`))),
  );
  setMenu(isDevelopment);

  const backend = createBackend(environment, userData, onError);
  const serve = openIpc({ backend, devServer, checkAnswers: !app.isPackaged, onError });
  const window = openWindow({
    url: devServer ?? APP_URL,
    webPreferences: webPreferences(join(app.getAppPath(), 'out', 'preload', 'preload.cjs'), isDevelopment),
    placeFile: join(userData, 'window.json'),
    onError,
  });
  serve(window.webContents);
  reloadAfterCrash(window.webContents, onError);
  backend.start();
  endInOrder(backend, onError);
  if (screenshotFile !== null) {
    saveFirstChartPicture(window, screenshotFile).catch((thrown: unknown) => onError('the picture', thrown));
  }
}

function createBackend(environment: AppEnvironment, userData: string, onError: TellError): Backend {
  const { scenarioFile, seed, reportFile } = environment;
  const program = join(app.getAppPath(), 'out', 'main');
  const resources = app.isPackaged ? process.resourcesPath : join(app.getAppPath(), 'resources');
  const databaseFile = join(userData, 'history.db');
  const versions = {
    app: app.getVersion(),
    electron: process.versions.electron,
    chrome: process.versions.chrome,
    node: process.versions.node,
  };
  const reports: Reports = new ReportClient({
    threadFile: join(program, 'report.cjs'),
    databaseFile,
    versions,
    chooseTarget: async (format) => reportFile ?? chooseReportTarget(format),
  });
  return new Backend({
    host: new HostThreadClient({
      threadFile: join(program, 'host-thread.cjs'),
      databaseFile,
      tracesFolder: join(resources, 'traces'),
      cacheFolder: join(userData, 'traces'),
      scenarioFile: scenarioFile ?? join(resources, 'scenarios', 'three-real-traces.json'),
      seed,
      versions,
    }),
    openHistory: () => new HistoryReader({ threadFile: join(program, 'history-reader.cjs'), databaseFile }),
    reports,
    onError,
  });
}

/** The app ends when its window does, but not before the host thread has written everything. */
function endInOrder(backend: Backend, onError: TellError): void {
  let exitCode = 0;
  let ended = false;
  app.on('window-all-closed', () => app.quit());
  app.on('will-quit', (event) => {
    if (ended) return;
    event.preventDefault();
    void backend.stop().finally(() => {
      ended = true;
      app.exit(exitCode);
    });
  });
  const fatal = (thrown: unknown): void => {
    exitCode = 1;
    onError('a mistake of the console itself', thrown);
    process.stderr.write(`${thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown)}\n`);
    app.quit();
  };
  process.on('uncaughtException', fatal);
  process.on('unhandledRejection', fatal);
}

/** Brings the window of this app to the front. */
export function focusWindow(): void {
  const window = BrowserWindow.getAllWindows()[0];
  if (window === undefined) return;
  if (window.isMinimized()) window.restore();
  window.show();
  window.focus();
}
