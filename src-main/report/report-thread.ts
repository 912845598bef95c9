import { parentPort, workerData } from 'node:worker_threads';
import * as v from 'valibot';
import { ConsoleError } from '#contract/errors.ts';
import { historyError } from '#main/history/connection.ts';
import { openHistory } from '#main/history/open-history.ts';
import { buildReport } from './build-report.ts';
import { writeReport } from './render-report.ts';
import type { ReportNews } from './report-protocol.ts';
import { ReportOrderSchema } from './report-protocol.ts';

/** Makes one report over a read-only connection of its own and ends: neither the window nor the host waits for it. */
if (parentPort === null) throw new Error('A report is made in a worker thread.');
const port = parentPort;
const order = v.parse(ReportOrderSchema, workerData);
const tell = (news: ReportNews): void => port.postMessage(news);
/** Parts of the whole in hundredths: no more messages than a progress bar can show. */
let lastPart = -1;
const cancelled = new Int32Array(order.cancelled);
/** @throws ConsoleError `cancelled`: what was half written is removed on the way out */
const progress = (stage: 'reading' | 'writing', part: number): void => {
  if (Atomics.load(cancelled, 0) === 1) {
    throw new ConsoleError('cancelled', 'The report was cancelled; nothing was saved.');
  }
  const hundredth = Math.floor(part * 100);
  if (hundredth === lastPart) return;
  lastPart = hundredth;
  tell({ kind: 'progress', stage, part });
};

try {
  const connection = openHistory(order.databaseFile);
  try {
    const { range, guests, versions, target } = order;
    const onProgress = (part: number): void => progress('reading', part);
    const report = buildReport(connection, { range, guests, versions, nowMs: Date.now(), onProgress });
    if (target === null) {
      const { actions: _actions, clockEvents: _clockEvents, ...figures } = report;
      tell({ kind: 'figures', figures });
    } else {
      progress('writing', 0);
      tell({ kind: 'saved', bytes: writeReport(connection, report, target) });
    }
  } finally {
    connection.close();
  }
} catch (error) {
  const known = error instanceof ConsoleError ? error : historyError(error, order.databaseFile);
  tell({ kind: 'failed', failure: known.toFailure() });
}
