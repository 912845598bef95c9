import { join } from 'node:path';
import { app, BrowserWindow, nativeTheme, protocol, session } from 'electron';
import type { Settings } from '#contract/settings.ts';
import { backupFolderOf } from '../history/backup/names.ts';
import { HistoryReader } from '../history/reader-client.ts';
import { ReportClient } from '../report/report-client.ts';
import { HostThreadClient } from '../host-thread/client.ts';
import { findResources } from '../scenario/resources.ts';
import { AT_ONCE, Studies } from '../study-process/studies.ts';
import { Turns } from '../study-process/turns.ts';
import { Backend } from './backend.ts';
import type { Reports } from './backend.ts';
import { BackupWorker } from './backups/backup-worker.ts';
import { Backups } from './backups/backups.ts';
import { RecoveryLook } from './backups/recovery.ts';
import {
  chooseBackupFolder,
  chooseReportTarget,
  chooseScenario,
  chooseStudyTarget,
  chooseTrace,
} from './choose-target.ts';
import type { AppEnvironment } from './environment.ts';
import { saveFirstChartPicture } from './first-chart-picture.ts';
import type { Answerers } from './handlers.ts';
import { openIpc } from './ipc.ts';
import { Log } from './log.ts';
import type { TellError } from './log.ts';
import { setMenu } from './menu.ts';
import { APP_SCHEME, APP_URL } from './origin.ts';
import { retentionPolicy } from './retention-policy.ts';
import { createScenarioDesk, importedFolderOf } from './scenarios/create-scenario-desk.ts';
import { reloadAfterCrash } from './reload-after-crash.ts';
import { secureContents, secureSession, webPreferences } from './security.ts';
import { serveRenderer } from './serve-renderer.ts';
import { SettingsDesk } from './settings-desk.ts';
import { SettingsFile } from './settings-file.ts';
import { StudyDesk } from './studies.ts';
import { utilityStudy } from './utility-study.ts';
import { openWindow } from './window.ts';

/** Most memory of the process of a study, and of its heap: what a study holds lies mostly outside of it. */
const STUDY_MEMORY_MIB = 2_560;
const STUDY_HEAP_MIB = 1_024;

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

  const settings = new SettingsFile(join(userData, 'settings.json'));
  nativeTheme.themeSource = settings.settings.appearance.theme;
  const answerers = createAnswerers(environment, { userData, settings, onError });
  const { backend, backups, studies, scenarios } = answerers;
  const serve = openIpc({ answerers, devServer, checkAnswers: !app.isPackaged, onError });
  const window = openWindow({
    url: devServer ?? APP_URL,
    webPreferences: webPreferences(join(app.getAppPath(), 'out', 'preload', 'preload.cjs'), isDevelopment),
    placeFile: join(userData, 'window.json'),
    onError,
  });
  serve(window.webContents);
  reloadAfterCrash(window.webContents, onError);
  backend.start();
  endInOrder(() => {
    studies.stop();
    scenarios.work.stop();
    return Promise.all([backups.stop(), backend.stop()]);
  }, onError);
  if (screenshotFile !== null) {
    saveFirstChartPicture(window, screenshotFile).catch((thrown: unknown) => onError('the picture', thrown));
  }
}

type Ground = { userData: string; settings: SettingsFile; onError: TellError };

/** Who answers the window: the host with its history, the backups of it, and the settings. */
function createAnswerers(environment: AppEnvironment, { userData, settings, onError }: Ground): Answerers {
  const { scenarioFile, seed, reportFile } = environment;
  const program = join(app.getAppPath(), 'out', 'main');
  const resources = findResources({
    programFolder: program,
    ...(app.isPackaged ? { resourcesPath: process.resourcesPath } : {}),
  });
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
  const backups = new Backups({
    databaseFile,
    worker: new BackupWorker(join(program, 'backup.cjs')),
    plan: () => settings.settings.backups,
    appVersion: versions.app,
    onError,
  });
  // Studies, trials and imports together: two at most.
  const turns = new Turns(AT_ONCE);
  const scenarios = createScenarioDesk({
    ...{ resources, userData, turns, memoryMiB: STUDY_MEMORY_MIB, chooseScenario, chooseTrace },
    namedFile: scenarioFile,
    startProcess: () => utilityStudy(join(program, 'work-process.cjs'), STUDY_HEAP_MIB),
    live: () => backend,
  });
  let isFirstStart = true;
  const backend = new Backend({
    createHost: () =>
      new HostThreadClient({
        threadFile: join(program, 'host-thread.cjs'),
        readerFile: join(program, 'history-reader.cjs'),
        databaseFile,
        tracesFolder: join(resources, 'traces'),
        cacheFolder: join(userData, 'traces'),
        importedFolder: importedFolderOf(userData),
        ...scenarios.start,
        seed,
        retention: retentionPolicy(settings.settings.retention),
        versions,
      }),
    openHistory: () => new HistoryReader({ threadFile: join(program, 'history-reader.cjs'), databaseFile }),
    reports,
    recovery: new RecoveryLook(databaseFile, backups),
    onError,
    onReady: (host) => {
      studies.forgetPrepared();
      backups.startSchedule();
      const { startSpeed } = settings.settings;
      if (isFirstStart && startSpeed !== '1x') {
        host.setSpeed(startSpeed).catch((thrown: unknown) => onError('the speed at the start', thrown));
      }
      isFirstStart = false;
    },
  });
  const desk = new SettingsDesk({
    file: settings,
    defaultBackupFolder: backupFolderOf(databaseFile),
    chooseFolder: () => chooseBackupFolder(backups.folder),
    onChanged: ({ appearance, retention }: Settings) => {
      nativeTheme.themeSource = appearance.theme;
      backups.replan();
      // Without a host there is nothing to keep; the next one starts with it.
      backend.host.setRetention(retentionPolicy(retention)).catch(() => undefined);
    },
  });
  const studies = new StudyDesk({
    studies: new Studies(() => utilityStudy(join(program, 'study-process.cjs'), STUDY_HEAP_MIB), turns),
    fork: () => backend.host.fork(),
    keeper: () => backend.host,
    read: (id) => backend.history('history.study', { id }),
    chooseTarget: async (name, format) => reportFile ?? chooseStudyTarget(name, format),
    databaseFile,
    cacheFolder: join(userData, 'traces'),
    memoryMiB: STUDY_MEMORY_MIB,
  });
  return { backend, backups, settings: desk, studies, scenarios };
}

/** The app ends when its window does, but not before the host thread has written everything. */
function endInOrder(stop: () => Promise<unknown>, onError: TellError): void {
  let exitCode = 0;
  let ended = false;
  app.on('window-all-closed', () => app.quit());
  app.on('will-quit', (event) => {
    if (ended) return;
    event.preventDefault();
    void stop().finally(() => {
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
