import { parentPort, workerData } from 'node:worker_threads';
import * as v from 'valibot';
import { HistoryAnswerer } from './answerer.ts';
import type { ReaderReply } from './reader-protocol.ts';
import { ReaderDataSchema, ReaderRequestSchema } from './reader-protocol.ts';

/** The thread of the long reads: answers `history.*` requests over a read-only connection, one after the other. */
if (parentPort === null) throw new Error('The history reader runs as a worker thread.');
const port = parentPort;
const answerer = new HistoryAnswerer(v.parse(ReaderDataSchema, workerData).databaseFile);

port.on('message', (message: unknown) => {
  const { id, name, argument } = v.parse(ReaderRequestSchema, message);
  const startedAt = performance.now();
  const { reply, transfer } = answerer.answer(name, argument);
  port.postMessage({ id, reply, elapsedMs: performance.now() - startedAt } satisfies ReaderReply, transfer);
});
