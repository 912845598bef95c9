/**
 * A process that writes a history as fast as it can until it is killed, and acknowledges on stdout, one JSON line each,
 * what has been stored. Arguments: the file, the seed.
 */
import { writeSync } from 'node:fs';
import { HistoryWriter } from '../../../src-main/history/writer.ts';
import { Random } from '../../../src-main/host/random.ts';
import { newRun, randomBatch } from '../samples.ts';

const [file = '', seed = '0'] = process.argv.slice(2);
const random = new Random(Number(seed), 0);
const acknowledge = (what: unknown): void => void writeSync(1, `${JSON.stringify(what)}\n`);

const writer = HistoryWriter.open({ file, appVersion: 'recorder' });
const pending = writer.pendingActions().length;
const { run, previous } = writer.beginRun(newRun());
acknowledge({ run, previous, pending });
for (let firstSecond = 0; ;) {
  const seconds = 1 + random.below(40);
  writer.writeSeconds(randomBatch(random, { firstSecond, seconds, wallMs: Date.now() }));
  firstSecond += seconds;
  acknowledge({ seconds: firstSecond });
  if (random.below(3) === 0) {
    const set = Array.from({ length: 1 + random.below(3) }, () => ({
      hostMs: firstSecond * 1000,
      kind: 'weight' as const,
      guestId: 1 + random.below(3),
      before: random.below(65_536),
      after: random.below(65_536),
      source: 'console' as const,
    }));
    const actions = writer.commitActions(set, Date.now());
    acknowledge({ actions });
    writer.markApplied(actions.map((action) => action.id));
  }
}
