import { parentPort, workerData } from 'node:worker_threads';
import * as v from 'valibot';
import { ConsoleError } from '#contract/errors.ts';
import { backupHistory } from '../../history/backup/backup.ts';
import { compareHistories } from '../../history/backup/compare.ts';
import { openSource, wrongsOf } from '../../history/backup/copy.ts';
import { setAsideDamaged } from '../../history/backup/damaged.ts';
import { listBackups } from '../../history/backup/names.ts';
import { restoreBackup } from '../../history/backup/restore.ts';
import { historyError } from '../../history/connection.ts';
import type { News, Order, OrderKind, Result } from './order.ts';
import { OrderSchema } from './order.ts';

/**
 * A thread for one piece of work on whole files of the history: it takes seconds, and copying and checking would hold up
 * the window and the live host anywhere else.
 */
const port = parentPort;
if (port === null) throw new Error('Backups run in a worker thread.');
const send = (news: News): void => port.postMessage(news);
const onProgress = ({ done, total }: { done: number; total: number }): void =>
  send({ kind: 'progress', part: total === 0 ? 0 : Math.min(1, done / total) });

/** What is wrong with a file; a file that cannot be opened is wrong too. */
function wrongsIn(file: string): string[] {
  try {
    const connection = openSource(file);
    try {
      return wrongsOf(connection, 'quick_check');
    } finally {
      connection.close();
    }
  } catch (error) {
    const failure = historyError(error, file);
    if (failure.code === 'history-damaged' || failure.code === 'history-newer') return [failure.message];
    throw failure;
  }
}

const work: { [K in OrderKind]: (order: Extract<Order, { kind: K }>) => Promise<Result<K>> | Result<K> } = {
  make: async ({ databaseFile, folder }) => {
    const { file, madeAtMs, bytes, anchor, removed } = await backupHistory(databaseFile, folder, { onProgress });
    return { file, madeAtMs, bytes, auditRows: anchor.rows, removed: [...removed] };
  },
  check: ({ file }) => ({ wrongs: wrongsIn(file) }),
  compare: ({ file, databaseFile }) => compareHistories(file, databaseFile),
  restore: async ({ file, databaseFile, appVersion }) => {
    const { restoration, audit } = await restoreBackup(databaseFile, file, { appVersion, onProgress });
    return { setAside: restoration.setAside, findings: audit.findings.map(({ sentence }) => sentence) };
  },
  'set-aside': ({ databaseFile }) => ({ file: setAsideDamaged(databaseFile) }),
  'newest-good': ({ databaseFile, folder }) => {
    const backups = listBackups(databaseFile, folder);
    const at = backups.findIndex(({ file }) => wrongsIn(file).length === 0);
    const found = backups[at];
    return {
      backup: found === undefined ? null : { file: found.file, madeAtMs: found.madeAtMs },
      damaged: at === -1 ? backups.length : at,
    };
  },
};

async function carryOut<K extends OrderKind>(order: Extract<Order, { kind: K }>): Promise<Result<K>> {
  return (work[order.kind] as (order: Extract<Order, { kind: K }>) => Promise<Result<K>> | Result<K>)(order);
}

carryOut(v.parse(OrderSchema, workerData)).then(
  (result) => send({ kind: 'done', result }),
  (error: unknown) => send({ kind: 'failed', failure: ConsoleError.failureOf(error) }),
);
