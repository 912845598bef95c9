import { setTimeout as wait } from 'node:timers/promises';
import { app } from 'electron';
import { ConsoleError } from '#contract/errors.ts';
import { focusWindow, registerScheme, startConsole } from './console-app.ts';
import { readEnvironment } from './environment.ts';
import type { AppEnvironment } from './environment.ts';

/** After a change of the main process the development server starts the next app before the last one has ended. */
const RESTART_TRIES = 25;
const RESTART_TRY_MS = 200;

async function isOnlyInstance({ devServer }: AppEnvironment): Promise<boolean> {
  for (let tries = devServer === null ? 1 : RESTART_TRIES; tries > 0; tries--) {
    if (app.requestSingleInstanceLock()) return true;
    if (tries > 1) await wait(RESTART_TRY_MS);
  }
  return false;
}

async function main(): Promise<void> {
  const environment = readEnvironment(process.env, app.isPackaged);
  if (environment.userDataFolder !== null) app.setPath('userData', environment.userDataFolder);
  // As root Chromium runs only without its sandbox, and the two cannot be had together.
  if (!app.commandLine.hasSwitch('no-sandbox')) app.enableSandbox();
  registerScheme();
  if (!(await isOnlyInstance(environment))) {
    app.quit();
    return;
  }
  app.on('second-instance', focusWindow);
  await app.whenReady();
  startConsole(environment);
}

main().catch((thrown: unknown) => {
  const { message, remedy = '' } = ConsoleError.failureOf(thrown);
  process.stderr.write(`${message} ${remedy}\n`);
  app.exit(1);
});
