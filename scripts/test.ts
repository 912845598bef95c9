import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from './fresh-build.ts';
import { ROOT } from './root.ts';
import { runHere } from './run.ts';
import { LaunchError, runScript, say } from './say.ts';
import { addTallies, closingLine, exitCodeOf, FAILED_STEP, tallyOfVitest } from './tally.ts';
import type { Tally } from './tally.ts';

/** The parts of `npm run check`, each counted as one failure where it fails. */
const CHECKS = ['check:types', 'check:lint', 'check:format', 'check:arrows', 'check:unused'];
const NOTHING: Tally = { passed: 0, failed: 0, skipped: 0 };

type Step = { title: string; run: () => Promise<Tally> };

const check: Step[] = CHECKS.map((name) => ({
  title: name,
  run: async () =>
    (await runHere('npm', ['run', '-s', name], { cwd: ROOT, shell: process.platform === 'win32' })) === 0
      ? NOTHING
      : FAILED_STEP,
}));
const buildApp: Step = {
  title: 'build',
  run: async () => {
    await build();
    return NOTHING;
  },
};
const project = (name: string): Step => ({ title: `${name} tests`, run: () => runVitest(name) });

/** One after the other; what stands together runs side by side. */
const PLANS: Record<string, Step[][]> = {
  all: [check, [project('unit')], [buildApp], [project('e2e')]],
  e2e: [[project('e2e')]],
  long: [[project('long')]],
};

/**
 * `npm test`: checks, unit tests, build, end-to-end tests in a real Electron; `test.ts e2e` and `test.ts long` only those.
 * Every step runs, whatever the ones before gave, and the last line counts them all.
 */
async function main(): Promise<number> {
  const name = process.argv[2] ?? 'all';
  const plan = PLANS[name];
  if (plan === undefined) {
    throw new LaunchError(`There is no plan "${name}".`, `Plans: ${Object.keys(PLANS).join(', ')}.`);
  }
  let total = NOTHING;
  for (const steps of plan) {
    for (const tally of await Promise.all(steps.map(runStep))) total = addTallies(total, tally);
  }
  process.stdout.write(`${closingLine(total)}\n`);
  return exitCodeOf(total);
}

async function runStep({ title, run }: Step): Promise<Tally> {
  say(`\n== ${title}`);
  const began = Date.now();
  const tally = await run().catch((thrown: unknown) => {
    say(thrown instanceof Error ? thrown.message : String(thrown));
    return FAILED_STEP;
  });
  say(`-- ${title}: ${tally.failed === 0 ? 'ok' : 'FAILED'} in ${Math.round((Date.now() - began) / 1000)} s`);
  return tally;
}

async function runVitest(name: string): Promise<Tally> {
  const folder = mkdtempSync(join(tmpdir(), 'tmem-console-test-'));
  const results = join(folder, 'results.json');
  try {
    const code = await runHere(
      process.execPath,
      [
        join(ROOT, 'node_modules', 'vitest', 'vitest.mjs'),
        ...['run', '--project', name, '--reporter=default', '--reporter=json', `--outputFile.json=${results}`],
      ],
      { cwd: ROOT, stdio: ['ignore', 2, 2] },
    );
    return tallyOfVitest(results, code);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

runScript(main);
