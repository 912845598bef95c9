/** A process that asks a history reader one thing, prints the answer and ends by itself. Argument: the file. */
import { HistoryReader } from '../../../src-main/history/reader-client.ts';

const threadFile = new URL('../../../src-main/history/reader-thread.ts', import.meta.url);
const reader = new HistoryReader({ threadFile, databaseFile: process.argv[2] ?? '' });
void reader.request('history.runs', {}).then((answer) => process.stdout.write(JSON.stringify(answer)));
