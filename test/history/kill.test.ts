import { describe, it } from 'vitest';
import { killRepeatedly } from './kill.ts';
import { temporaryDatabase } from './support.ts';

describe('a history whose writer is killed', () => {
  it('loses nothing that was acknowledged, ten times in a row', async () => {
    const seed = Math.floor(Math.random() * 2 ** 32);
    process.stdout.write(`kill seed ${seed}\n`);
    await killRepeatedly(temporaryDatabase(), seed, 10);
  });
});
