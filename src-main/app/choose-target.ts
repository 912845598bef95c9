import { app, BrowserWindow, dialog } from 'electron';
import { join } from 'node:path';
import type { ReportFormat } from '#contract/reports.ts';

const KINDS: Readonly<Record<ReportFormat, { readonly name: string; readonly extension: string }>> = {
  html: { name: 'Web page, prints well', extension: 'html' },
  json: { name: 'JSON', extension: 'json' },
  csv: { name: 'Folder of CSV tables', extension: '' },
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
