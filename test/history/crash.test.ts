import { describe, it } from 'vitest';
import { crashRepeatedly } from './crash.ts';
import { temporaryDatabase } from './support.ts';

describe('a host that is killed at full speed', () => {
  it('goes on each time where it was, with nothing lost but the last wall second, ten times in a row', async () => {
    const seed = Math.floor(Math.random() * 2 ** 32);
    process.stdout.write(`crash seed ${seed}\n`);
    await crashRepeatedly(temporaryDatabase(), seed, 10);
  }, 300_000);
});
