import { app, BrowserWindow, dialog } from 'electron';
import type { OpenDialogOptions } from 'electron';
import { join } from 'node:path';
import type { ReportFormat } from '#contract/reports.ts';
import type { StudyExportFormat } from '#contract/study-keeping.ts';

const KINDS: Readonly<Record<ReportFormat, { readonly name: string; readonly extension: string }>> = {
  html: { name: 'Web page, prints well', extension: 'html' },
  json: { name: 'JSON', extension: 'json' },
  csv: { name: 'Folder of CSV tables', extension: '' },
};

const STUDY_KINDS: Readonly<Record<StudyExportFormat, { readonly name: string; readonly extension: string }>> = {
  json: { name: 'JSON', extension: 'json' },
  csv: { name: 'CSV table', extension: 'csv' },
};

/** Asks the person where a report goes; null when they choose nowhere. */
export async function chooseReportTarget(format: ReportFormat): Promise<string | null> {
  const { name, extension } = KINDS[format];
  const day = new Date().toISOString().slice(0, 10);
  const options = {
    title: 'Save the report',
    defaultPath: join(app.getPath('documents'), `tmem report ${day}${extension === '' ? '' : `.${extension}`}`),
    ...(extension === '' ? {} : { filters: [{ name, extensions: [extension] }] }),
  };
  const [window] = BrowserWindow.getAllWindows();
  const { canceled, filePath } = await (window === undefined
    ? dialog.showSaveDialog(options)
    : dialog.showSaveDialog(window, options));
  return canceled || filePath === '' ? null : filePath;
}

/** Asks the person where a study goes; null when they choose nowhere. */
export async function chooseStudyTarget(study: string, format: StudyExportFormat): Promise<string | null> {
  const { name, extension } = STUDY_KINDS[format];
  const plain = study.replace(/[^\p{L}\p{N} ._-]+/gu, ' ').trim();
  const options = {
    title: 'Export the study',
    defaultPath: join(app.getPath('documents'), `tmem study ${plain}.${extension}`),
    filters: [{ name, extensions: [extension] }],
  };
  const [window] = BrowserWindow.getAllWindows();
  const { canceled, filePath } = await (window === undefined
    ? dialog.showSaveDialog(options)
    : dialog.showSaveDialog(window, options));
  return canceled || filePath === '' ? null : filePath;
}

/** Asks the person for a folder of the backups; null when they choose none. */
export async function chooseBackupFolder(now: string): Promise<string | null> {
  const options: OpenDialogOptions = {
    title: 'Folder of the backups',
    defaultPath: now,
    properties: ['openDirectory', 'createDirectory'],
  };
  const [window] = BrowserWindow.getAllWindows();
  const { canceled, filePaths } = await (window === undefined
    ? dialog.showOpenDialog(options)
    : dialog.showOpenDialog(window, options));
  return canceled ? null : (filePaths[0] ?? null);
}

/** Asks the person for a scenario file; null when they choose none. */
export function chooseScenario(): Promise<string | null> {
  return chooseFile({ title: 'Add a scenario', filters: [{ name: 'Scenario', extensions: ['json'] }] });
}

/** Asks the person for a trace; null when they choose none. Its format is told by content, not by its name. */
export function chooseTrace(): Promise<string | null> {
  return chooseFile({ title: 'Import a trace' });
}

async function chooseFile(what: OpenDialogOptions): Promise<string | null> {
  const options: OpenDialogOptions = { ...what, properties: ['openFile'] };
  const [window] = BrowserWindow.getAllWindows();
  const { canceled, filePaths } = await (window === undefined
    ? dialog.showOpenDialog(options)
    : dialog.showOpenDialog(window, options));
  return canceled ? null : (filePaths[0] ?? null);
}
