import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { discardBuild, ensureBuilt } from './fresh-build.ts';
import { runUntilSignal } from './child.ts';
import { ROOT } from './root.ts';
import { chooseRuntime, executableName } from './runtime/choose.ts';
import type { Runtime } from './runtime/choose.ts';
import { hasDisplay, openDisplay } from './runtime/display.ts';
import { machineFlags } from './runtime/flags.ts';
import { quietBus } from './runtime/quiet-bus.ts';
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
  await ensureSystemPackages(join(runtime.distFolder, executableName(process.platform)), { display: ownDisplay });
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
    return dev
      ? await runDevelopment(runtime, [...flags, ...appArguments], environment)
      : await runApp(runtime, [...flags, ROOT, ...appArguments], environment, ownDisplay);
  } finally {
    display?.close();
  }
}

function screenshotFile(): string {
  const folder = join(ROOT, 'test-results');
  mkdirSync(folder, { recursive: true });
  return join(folder, 'start.png');
}

function runApp(runtime: Runtime, args: string[], env: NodeJS.ProcessEnv, ownDisplay: boolean): Promise<number> {
  return runUntilSignal(
    runtime.executable,
    args,
    { cwd: ROOT, env, stdio: ['ignore', 'inherit', ownDisplay ? 'pipe' : 'inherit'] },
    (child) => child.stderr?.pipe(quietBus()).pipe(process.stderr),
  );
}

function runDevelopment(runtime: Runtime, args: string[], env: NodeJS.ProcessEnv): Promise<number> {
  const electronVite = join(ROOT, 'node_modules', 'electron-vite', 'bin', 'electron-vite.js');
  return runUntilSignal(process.execPath, [electronVite, 'dev', '--watch', '--', ...args], {
    cwd: ROOT,
    env: { ...env, ELECTRON_EXEC_PATH: runtime.executable },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
}

runScript(main);
