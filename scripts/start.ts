import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { discardBuild, ensureBuilt } from './fresh-build.ts';
import { runUntilSignal } from './child.ts';
import { ROOT } from './root.ts';
import { chooseRuntime } from './runtime/choose.ts';
import { hasDisplay, openDisplay } from './runtime/display.ts';
import { machineFlags } from './runtime/flags.ts';
import { quietBus } from './runtime/quiet-bus.ts';
import { executableName } from './runtime/runtime.ts';
import { ensureSystemPackages } from './runtime/system-packages.ts';
import { runScript, say } from './say.ts';

/**
 * `npm start` and `npm run dev` (`--dev`): chooses an Electron, makes sure that it can run here, builds what is missing or
 * old, and runs the console until it ends or a signal comes. Other arguments are the app's.
 */
async function main(): Promise<number> {
  const dev = process.argv.includes('--dev');
  const appArguments = process.argv.slice(2).filter((argument) => argument !== '--dev');
  const ownDisplay = !hasDisplay();
  const runtime = await chooseRuntime();
  await ensureSystemPackages(join(runtime.distFolder, executableName()), { display: ownDisplay });
  if (dev) discardBuild();
  else await ensureBuilt();
  const environment: NodeJS.ProcessEnv = { ...process.env };
  // Set by terminals inside Electron apps; it would turn our Electron into a plain Node.
  delete environment['ELECTRON_RUN_AS_NODE'];
  const display = ownDisplay ? await openDisplay() : null;
  if (display !== null) {
    Object.assign(environment, display.environment, { TMEM_CONSOLE_SCREENSHOT: screenshotFile() });
    say('There is no display here: the same app runs under Xvfb. Ctrl+C or SIGTERM ends it.');
  }
  const flags = await machineFlags(runtime, { ownDisplay });
  try {
    if (!dev) return await runProgram(runtime.executable, [...flags, ROOT, ...appArguments], environment, ownDisplay);
    const electronVite = join(ROOT, 'node_modules', 'electron-vite', 'bin', 'electron-vite.js');
    const args = [electronVite, 'dev', '--watch', '--', ...flags, ...appArguments];
    environment['ELECTRON_EXEC_PATH'] = runtime.executable;
    return await runProgram(process.execPath, args, environment, ownDisplay);
  } finally {
    display?.close();
  }
}

function screenshotFile(): string {
  const folder = join(ROOT, 'test-results');
  mkdirSync(folder, { recursive: true });
  return join(folder, 'start.png');
}

/** Runs a program of the console; without a display of a person there is no D-Bus either, and Electron says so at length. */
function runProgram(program: string, args: string[], env: NodeJS.ProcessEnv, ownDisplay: boolean): Promise<number> {
  return runUntilSignal(
    program,
    args,
    { cwd: ROOT, env, stdio: ['ignore', 'inherit', ownDisplay ? 'pipe' : 'inherit'] },
    (child) => child.stderr?.pipe(quietBus()).pipe(process.stderr),
  );
}

runScript(main);
