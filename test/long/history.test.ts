import { killRepeatedly } from '../history/kill.ts';
import { temporaryDatabase } from '../history/support.ts';
import { describe, it } from 'vitest';

describe('a history whose writer is killed', () => {
  it('loses nothing that was acknowledged, two hundred times', async () => {
    const seed = Math.floor(Math.random() * 2 ** 32);
    process.stdout.write(`kill seed ${seed}\n`);
    for (let history = 0; history < 10; history++) await killRepeatedly(temporaryDatabase(), seed + history, 20);
  });
});
