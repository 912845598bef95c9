import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const SCRIPTS = resolve(import.meta.dirname, '..', '..', 'scripts');
/** A script of ours that runs a program, which reports what reaches it. */
function scriptRunning(program: string): string {
  return `
    import { runUntilSignal } from ${JSON.stringify(join(SCRIPTS, 'child.ts'))};
    import { runScript } from ${JSON.stringify(join(SCRIPTS, 'say.ts'))};
    runScript(() => runUntilSignal(process.execPath, ['-e', ${JSON.stringify(program)}], { stdio: ['ignore', 'inherit', 'inherit'] }));
  `;
}
/** Says what reaches it, and takes its time to end after the first signal. */
const COUNTS_SIGNALS = `
  let signals = 0;
  process.on('SIGTERM', () => {
    signals++;
    console.log('told');
    if (signals === 1) setTimeout(() => { console.log('signals ' + signals); process.exit(7); }, 300);
  });
  setInterval(() => undefined, 1000);
  console.log('running');
`;

describe.runIf(process.platform !== 'win32')('a program that we run', () => {
  it('is told once to end, however often we are told, and ending in order is a success', async () => {
    const script = spawn(process.execPath, ['--input-type=module-typescript', '-e', scriptRunning(COUNTS_SIGNALS)]);
    let output = '';
    script.stdout.on('data', (bytes: Buffer) => {
      output += bytes.toString();
      // One Ctrl+C reaches us twice: from the terminal, and handed on by npm.
      if (output === 'running\n') script.kill('SIGINT');
      if (output === 'running\ntold\n') script.kill('SIGTERM');
    });
    expect(await once(script, 'close')).toEqual([0, null]);
    expect(output).toBe('running\ntold\nsignals 1\n');
  });

  it('gives its own exit code when it ends by itself', async () => {
    const script = spawn(process.execPath, ['--input-type=module-typescript', '-e', scriptRunning('process.exit(7)')]);
    expect(await once(script, 'close')).toEqual([7, null]);
  });

  it('ends when whoever started us is killed without a word', async () => {
    const ours = scriptRunning(COUNTS_SIGNALS);
    const starter = spawn(process.execPath, [
      '-e',
      `const { spawn } = require('node:child_process');
       spawn(process.execPath, ['--input-type=module-typescript', '-e', ${JSON.stringify(ours)}], { stdio: ['ignore', 1, 2] });`,
    ]);
    let output = '';
    starter.stdout.on('data', (bytes: Buffer) => {
      output += bytes.toString();
      if (output === 'running\n') starter.kill('SIGKILL');
    });
    // The pipe closes when the last of the three has ended.
    await once(starter, 'close');
    expect(output).toBe('running\ntold\nsignals 1\n');
  });
});
