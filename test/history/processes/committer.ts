/** A process that writes samples, commits one action and acknowledges it on stdout. Argument: the file. */
import { writeSync } from 'node:fs';
import { HistoryWriter } from '../../../src-main/history/writer.ts';
import { Random } from '../../../src-main/host/random.ts';
import { newRun, randomBatch } from '../samples.ts';

const writer = HistoryWriter.open({ file: process.argv[2] ?? '', appVersion: 'committer' });
writer.beginRun(newRun());
writer.writeSeconds(randomBatch(new Random(1, 0), { firstSecond: 0, seconds: 10 }));
writeSync(1, 'samples\n');
writer.commitActions([{ hostMs: 10_000, kind: 'weight', guestId: 1, before: 100, after: 400, source: 'cli' }], 1);
writeSync(1, 'acknowledged\n');
