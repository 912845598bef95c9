import { spawn } from 'node:child_process';
import type { SpawnOptions } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { endWith, onEndSignal } from './signals.ts';

/** How a process ended. */
export type Ending = { code: number; output: string };

/** Runs a program to its end and collects what it prints; never throws: a program that cannot be started ends with 127. */
export function collect(program: string, args: readonly string[], options: SpawnOptions = {}): Promise<Ending> {
  return run(program, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
}

/** Runs a program to its end on this terminal. */
export async function runHere(program: string, args: readonly string[], options: SpawnOptions = {}): Promise<number> {
  return (await run(program, args, { ...options, stdio: options.stdio ?? 'inherit' })).code;
}

function run(program: string, args: readonly string[], options: SpawnOptions): Promise<Ending> {
  return new Promise((resolve) => {
    const child = spawn(program, args, options);
    const stopListening = onEndSignal(() => endWith(child));
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        output += text;
      });
    }
    const end = (ending: Ending): void => {
      stopListening();
      resolve(ending);
    };
    child.on('error', (error) => end({ code: 127, output: `${output}${error.message}\n` }));
    child.on('close', (code) => end({ code: code ?? 1, output }));
  });
}

/** Whether a program is on the PATH (what `command -v` answers). */
export function hasProgram(name: string): boolean {
  return (process.env['PATH'] ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, name), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
