import { crashRepeatedly } from '../history/crash.ts';
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

describe('a host that is killed at full speed', () => {
  it('goes on each time where it was, with nothing lost but the last wall second, two hundred times', async () => {
    const seed = Math.floor(Math.random() * 2 ** 32);
    process.stdout.write(`crash seed ${seed}\n`);
    for (let history = 0; history < 8; history++) await crashRepeatedly(temporaryDatabase(), seed + history, 25);
  }, 3_600_000);
});
