import type { Report } from '#contract/reports.ts';
import type { Connection } from '#main/history/connection.ts';
import { openForReading } from '#main/history/connection.ts';
import type { ReportOptions } from '#main/report/build-report.ts';
import { buildReport } from '#main/report/build-report.ts';
import type { HistoryWriter } from '#main/history/writer.ts';
import { Random } from '#main/host/random.ts';
import { Recording } from '../history/recording.ts';
import { newRun } from '../history/samples.ts';
import { openWriter, temporaryDatabase } from '../history/support.ts';

export const NOW_MS = 1_700_000_500_000;

export function reading<T>(file: string, use: (connection: Connection) => T): T {
  const connection = openForReading(file);
  try {
    return use(connection);
  } finally {
    connection.close();
  }
}

export function reportOf(file: string, options: Partial<ReportOptions> = {}): Report {
  return reading(file, (connection) =>
    buildReport(connection, { range: null, guests: [], nowMs: NOW_MS, versions: { app: '0.0.0-test' }, ...options }),
  );
}

/** A history of two runs with a gap in the second, some actions and clock events. */
export function twoRuns(seed = 5): { file: string; recording: Recording; writer: HistoryWriter } {
  const file = temporaryDatabase();
  const writer = openWriter(file);
  const recording = new Recording(new Random(seed, 0), 3);
  recording.begin(writer);
  recording.record(writer, 0, 130);
  const weight = { kind: 'weight', guestId: 2, before: 100, after: 400, source: 'console' } as const;
  const target = { kind: 'balloon-target', guestId: 3, before: 9_000, after: 4_500, source: 'cli' } as const;
  const [first] = writer.commitActions([{ ...weight, hostMs: 60_000 }], 1_700_000_060_000);
  writer.markApplied([first?.id ?? 0]);
  writer.endRun();
  recording.begin(writer);
  recording.record(writer, 0, 70);
  const [second] = writer.commitActions([{ ...target, hostMs: 70_000 }], 1_700_000_300_000);
  writer.markApplied([second?.id ?? 0]);
  recording.record(writer, 30, 100);
  return { file, recording, writer };
}

/** A history of one run of 60 s whose guests have the given names. */
export function runOfGuests(names: readonly string[]): string {
  const file = temporaryDatabase();
  const writer = openWriter(file);
  const run = newRun(names.length);
  const guests = run.guests.map((guest, place) => ({ ...guest, name: names[place] ?? guest.name }));
  const recording = new Recording(new Random(3, 0), names.length);
  recording.begin({ beginRun: () => writer.beginRun({ ...run, guests }) } as unknown as HistoryWriter);
  recording.record(writer, 0, 60);
  return file;
}
