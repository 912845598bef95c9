import type { Report, ReportFormat } from '#contract/reports.ts';
import type { Connection } from '#main/history/connection.ts';
import { csvTables } from './csv-tables.ts';
import { htmlDocument } from './html/document.ts';
import { reportSeries } from './report-series.ts';
import { writeFileWhole, writeFolderWhole } from './write-whole.ts';

/** A report as the text of one file. */
export function reportText(connection: Connection, report: Report, format: Exclude<ReportFormat, 'csv'>): string {
  if (format === 'html') return htmlDocument(report, reportSeries(connection, report));
  return `${JSON.stringify(report, null, 2)}\n`;
}

/**
 * Writes a report whole or not at all: HTML and JSON as one file, CSV as a new folder with a file for each table. Returns
 * the bytes written.
 *
 * @throws ConsoleError `file-unwritable`.
 */
export function writeReport(
  connection: Connection,
  report: Report,
  { format, file, tell }: { format: ReportFormat; file: string; tell?: (bytes: number) => void },
): number {
  if (format === 'csv') return writeFolderWhole(file, csvTables(report), tell);
  return writeFileWhole(file, [reportText(connection, report, format)], tell);
}
