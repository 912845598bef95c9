/**
 * What tmem is good for, and for whom not: several mixes of guests without tmem, with a page cache of the host only, and
 * with tmem under each policy. Prints its tables and writes them to docs/benefit.md. Everything is modelled, so the
 * tables are the same on every machine.
 */
import { readdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { Host } from '#main/host/host.ts';
import { hostConfigOf } from '#main/scenario/host-config-of.ts';
import { type PathSetting, parsePathSetting } from '#main/scenario/path-setting.ts';
import { readScenario } from '#main/scenario/read-scenario.ts';
import { type GuestTotals, RunTotals } from '#main/scenario/run-totals.ts';
import type { Scenario } from '#main/scenario/scenario-schema.ts';
import { readTrace } from '#main/trace/read-trace.ts';
import { benefitPage, type Mix } from './benefit-page.ts';
import { withHostPageCache } from './host-page-cache.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const MIXES = join(ROOT, 'test/bench/mixes');
const TRACES = join(ROOT, 'resources/traces');
const PAGE = join(ROOT, 'docs/benefit.md');
/** The first part of each run, in which caches fill, is left out. */
const WARM_UP = 0.25;

interface Arm {
  readonly name: string;
  readonly settings: (guests: readonly string[]) => readonly string[];
  readonly around?: <T>(work: () => T) => T;
}

const tmem = (policy: string, idleTax = 0): Arm => ({
  name: policy === 'max-over-share' ? `${policy}, τ = ${idleTax}` : policy,
  settings: () => [`policy=${policy}`, `idleTax=${idleTax}`],
});
const ARMS: readonly Arm[] = [
  {
    name: 'no tmem',
    settings: (guests) => guests.flatMap((name) => [`guests.${name}.precache=false`, `guests.${name}.preswap=false`]),
  },
  {
    name: 'host page cache',
    settings: (guests) => guests.map((name) => `guests.${name}.preswap=false`),
    around: withHostPageCache,
  },
  tmem('fifo'),
  {
    name: 'fifo, smart-alloc',
    settings: () => ['policy=fifo', 'schedule.pool={"kind":"smart-alloc"}'],
  },
  tmem('xen-shipped'),
  tmem('xen-documented'),
  tmem('max-over-share', 0),
  tmem('max-over-share', 0.75),
];

async function runArm(file: string, arm: Arm): Promise<{ scenario: Scenario; seconds: number; guests: GuestTotals[] }> {
  const { guests } = await readScenario(file);
  const settings: PathSetting[] = arm.settings(guests.map(({ name }) => name)).map(parsePathSetting);
  const scenario = await readScenario(file, settings);
  const traces = await Promise.all(
    scenario.guests.map(async ({ trace }) => (trace === undefined ? null : await readTrace(join(TRACES, trace), {}))),
  );
  const endMs = 1000 * (scenario.forS ?? 60);
  const totals = new RunTotals(guests.length);
  const run = (): void => {
    const host = new Host(hostConfigOf(scenario, scenario.seed, traces));
    host.runTo(endMs * WARM_UP);
    host.takeSamples();
    for (let ms = endMs * WARM_UP; ms < endMs; ms += 1000) {
      host.runTo(ms + 1000);
      totals.add(host.takeSamples());
    }
  };
  if (arm.around === undefined) run();
  else arm.around(run);
  return { scenario, seconds: totals.seconds, guests: totals.ofGuests };
}

async function main(): Promise<void> {
  const only = process.argv[2] ?? '';
  const mixes: Mix[] = [];
  for (const name of readdirSync(MIXES).sort()) {
    if (!name.endsWith('.json') || !name.includes(only)) continue;
    const file = join(MIXES, name);
    const runs = [];
    for (const arm of ARMS) {
      process.stderr.write(`${name}: ${arm.name} … `);
      const began = performance.now();
      runs.push({ arm: arm.name, ...(await runArm(file, arm)) });
      process.stderr.write(`${((performance.now() - began) / 1000).toFixed(1)} s\n`);
    }
    const [first] = runs;
    if (first === undefined) continue;
    const { scenario, seconds } = first;
    mixes.push({
      name: scenario.name,
      about: scenario.about ?? '',
      seconds,
      guests: scenario.guests.map((guest) => guest.name),
      arms: runs.map(({ arm, guests }) => ({ name: arm, guests })),
    });
  }
  const page = await format(benefitPage(mixes), { ...(await resolveConfig(PAGE)), parser: 'markdown' });
  if (only === '') writeFileSync(PAGE, page);
  process.stdout.write(page);
}

await main();
