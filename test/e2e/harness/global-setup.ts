import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { ensureBuilt } from '../../../scripts/fresh-build.ts';
import { chooseRuntime } from '../../../scripts/runtime/choose.ts';
import { openDisplay } from '../../../scripts/runtime/display.ts';
import { machineFlags } from '../../../scripts/runtime/flags.ts';
import { executableName } from '../../../scripts/runtime/runtime.ts';
import { ensureSystemPackages } from '../../../scripts/runtime/system-packages.ts';

/** How the tests start Electron on this machine. */
type ElectronStart = { executable: string; flags: string[]; environment: Record<string, string> };

declare module 'vitest' {
  interface ProvidedContext {
    electron: ElectronStart;
  }
}

/**
 * Once before all end-to-end tests: an Electron, what it needs of the machine, a fresh build, and on Linux a display of
 * our own, so that no window flashes on somebody's screen and all machines have the same one.
 */
export default async function setUp(project: TestProject): Promise<() => void> {
  const ownDisplay = process.platform === 'linux';
  const runtime = await chooseRuntime();
  await ensureSystemPackages(join(runtime.distFolder, executableName()), { display: ownDisplay });
  await ensureBuilt();
  const display = ownDisplay ? await openDisplay() : null;
  project.provide('electron', {
    executable: runtime.executable,
    flags: await machineFlags(runtime, { ownDisplay }),
    environment: { ...display?.environment },
  });
  return () => display?.close();
}
