/** A process that restores a backup and stops after a step to be killed. Arguments: the history; the backup; the step. */
import { writeSync } from 'node:fs';
import { restoreBackup } from '../../../src-main/history/backup/restore.ts';

const [file = '', backup = '', stopAt] = process.argv.slice(2);
void restoreBackup(file, backup, {
  appVersion: 'restorer',
  onStep: (step) => {
    if (step !== stopAt) return;
    writeSync(1, `${step}\n`);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  },
});
