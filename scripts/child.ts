import { spawn } from 'node:child_process';
import type { ChildProcess, SpawnOptions } from 'node:child_process';
import { onEndSignal } from './signals.ts';

/** How long a program may take to end in order. */
const END_MS = 10_000;
/** Two signals within this time are one Ctrl+C, told twice: by the terminal and by npm. */
const SAME_SIGNAL_MS = 1_000;

/**
 * Runs a program in a process group of its own and hands signals on to it exactly once (Chromium takes a second one for
 * an order to drop everything). A signal repeated later, or a program that does not end, ends the whole group.
 *
 * @returns Its exit code; 0 if it ended in order after a signal to us.
 */
export function runUntilSignal(
  program: string,
  args: readonly string[],
  options: SpawnOptions,
  started?: (child: ChildProcess) => void,
): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { ...options, detached: true });
    let signalledAt = 0;
    let deadline: NodeJS.Timeout | undefined;
    const stopListening = onEndSignal(() => {
      if (signalledAt === 0) {
        signalledAt = Date.now();
        child.kill('SIGTERM');
        deadline = setTimeout(() => killGroup(child), END_MS);
      } else if (Date.now() - signalledAt > SAME_SIGNAL_MS) {
        killGroup(child);
      }
    });
    child.once('error', (error) => {
      stopListening();
      reject(error);
    });
    child.once('close', (code, signal) => {
      clearTimeout(deadline);
      stopListening();
      resolve(signalledAt > 0 && signal !== 'SIGKILL' ? 0 : (code ?? 1));
    });
    started?.(child);
  });
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined || child.exitCode !== null) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // It ended just now.
  }
}
