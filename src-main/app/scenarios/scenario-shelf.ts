import { mkdir, readdir, readFile, stat } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { ConsoleError } from '#contract/errors.ts';
import type { ScenarioEntry, ScenarioRef, ScenarioSummary } from '#contract/scenarios.ts';
import { mibToPages } from '#contract/units.ts';
import { isMeasurable, runsOf } from '../../scenario/claims/measure.ts';
import { traceFilesIn } from '../../scenario/open-scenario.ts';
import { checkScenario, readScenario } from '../../scenario/read-scenario.ts';
import type { Scenario } from '../../scenario/scenario-schema.ts';
import { trialSeconds } from '../../scenario/trial-length.ts';
import { workloadText } from '../../scenario/workload-text.ts';
import { keepWhole } from './keep-whole.ts';

/** Largest scenario file that is read. */
const BYTES_MAX = 16 * 1_048_576;
const SENTENCE_MAX = 2_000;

export interface ScenarioShelfOptions {
  readonly shippedFolder: string;
  readonly ownFolder: string;
  /** A scenario that the console was started with. */
  readonly namedFile: string | null;
  /** Where traces are looked for besides beside the scenario. */
  readonly traceFolders: readonly string[];
}

/** The scenario files at hand: those that ship, a person's own, and the one that the console was started with. */
export class ScenarioShelf {
  private readonly options: ScenarioShelfOptions;

  constructor(options: ScenarioShelfOptions) {
    this.options = options;
  }

  get ownFolder(): string {
    return this.options.ownFolder;
  }

  /** All of them; a file that cannot be read says why. */
  async list(): Promise<ScenarioEntry[]> {
    const { shippedFolder, ownFolder, namedFile } = this.options;
    const refs: ScenarioRef[] = [
      ...(await scenarioFilesIn(shippedFolder)).map((file) => ({ origin: 'shipped', file }) as const),
      ...(await scenarioFilesIn(ownFolder)).map((file) => ({ origin: 'own', file }) as const),
      ...(namedFile === null ? [] : [{ origin: 'named', file: namedFile } as const]),
    ];
    return Promise.all(refs.map((ref) => this.entryOf(ref)));
  }

  /** Where a scenario's file is. @throws ConsoleError `bad-scenario` for one that the console was not started with */
  fileOf({ origin, file }: ScenarioRef): string {
    if (origin === 'shipped') return join(this.options.shippedFolder, file);
    if (origin === 'own') return join(this.options.ownFolder, file);
    if (file === this.options.namedFile) return file;
    throw new ConsoleError(
      'bad-scenario',
      `The console was not started with the scenario ${file}.`,
      'Add the file to your own scenarios.',
    );
  }

  /** Where the traces are that a scenario plays. @throws ConsoleError `bad-scenario` */
  async tracesOf(ref: ScenarioRef): Promise<string[]> {
    const file = this.fileOf(ref);
    const files = traceFilesIn(await readScenario(file), file, this.options.traceFolders);
    return files.filter((one) => one !== null);
  }

  /** A scenario that can run: read, and all its traces are there. @throws ConsoleError `bad-scenario`, `bad-trace` */
  async ready(ref: ScenarioRef): Promise<Scenario> {
    const file = this.fileOf(ref);
    const scenario = await readScenario(file);
    const [missing] = this.missingTraces(scenario, file);
    if (missing === undefined) return scenario;
    throw new ConsoleError(
      'bad-trace',
      `The scenario "${scenario.name}" plays the trace ${missing}, which is nowhere to be found.`,
      `Import the trace, or put it beside the scenario.`,
    );
  }

  /** Checks a scenario file and keeps a copy of it. @throws ConsoleError `bad-scenario`, `file-unwritable` */
  async add(file: string): Promise<ScenarioRef> {
    const name = basename(file)
      .replace(/^\.+/, '')
      .replace(/(\.json)?$/i, '.json');
    const target = join(this.options.ownFolder, name);
    const { size } = await stat(file).catch((error: unknown) => {
      throw unreadable(file, error);
    });
    if (size > BYTES_MAX) throw unreadable(file, 'it is larger than 16 MiB');
    const text = (await readFile(file, 'utf8')).replace(/^\uFEFF/, '');
    checkScenario(parsed(text, file), file);
    if (existsSync(target) && (await readFile(target, 'utf8')) !== text) {
      throw new ConsoleError(
        'bad-scenario',
        `There is another scenario file ${name} among your own already.`,
        `Give the new file another name, or remove the old one from ${this.options.ownFolder}.`,
      );
    }
    await mkdir(this.options.ownFolder, { recursive: true });
    await keepWhole(target, text);
    return { origin: 'own', file: name };
  }

  private missingTraces(scenario: Scenario, file: string): string[] {
    const files = traceFilesIn(scenario, file, this.options.traceFolders);
    const missing = scenario.guests.flatMap(({ trace }, place) => {
      const found = files[place];
      return trace === undefined || (typeof found === 'string' && existsSync(found)) ? [] : [trace];
    });
    return [...new Set(missing)];
  }

  private async entryOf(ref: ScenarioRef): Promise<ScenarioEntry> {
    const file = this.fileOf(ref);
    try {
      const scenario = await readScenario(file);
      return { scenario: ref, summary: summaryOf(scenario, this.missingTraces(scenario, file)), failure: null };
    } catch (error) {
      return { scenario: ref, summary: null, failure: ConsoleError.failureOf(error) };
    }
  }
}

async function scenarioFilesIn(folder: string): Promise<string[]> {
  // The folder of a person's own is made with the first of them.
  const names = await readdir(folder).catch(() => []);
  return names.filter((name) => name.endsWith('.json') && !name.startsWith('.')).sort();
}

function parsed(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw unreadable(file, error);
  }
}

function unreadable(file: string, why: unknown): ConsoleError {
  const reason = why instanceof Error ? why.message : String(why);
  return new ConsoleError(
    'bad-scenario',
    `The scenario file ${file} cannot be read: ${reason}`,
    'Check that the file exists and is JSON.',
    { cause: why },
  );
}

function claimOf(claim: Scenario['claim']): ScenarioSummary['claim'] {
  if (claim === undefined) return null;
  const { letter, sentence, bound } = claim;
  return { letter, sentence, bound, runs: isMeasurable(claim) ? runsOf(claim).length : 0 };
}

function summaryOf(scenario: Scenario, missingTraces: string[]): ScenarioSummary {
  const { name, about, claim, variants, seed, host, policy, idleTax, events } = scenario;
  const guests = scenario.guests.filter(({ lifeOf }) => lifeOf === undefined);
  return {
    name,
    about: about ?? null,
    claim: claimOf(claim),
    variants: variants.map(({ name: variant, title }) => ({ name: variant, title })),
    forS: trialSeconds(scenario),
    seed,
    totalPages: mibToPages(host.totalMiB),
    reservedPages: mibToPages(host.reservedMiB),
    poolLimitPages: host.poolLimitMiB === undefined ? null : mibToPages(host.poolLimitMiB),
    policy,
    idleTaxPermille: Math.round(idleTax * 1000),
    guests: guests.map((guest) => ({
      name: guest.name,
      workload: workloadText(guest).slice(0, SENTENCE_MAX),
      ramPages: mibToPages(guest.ramMiB),
      maxPages: mibToPages(guest.maxMiB),
      weight: guest.weight,
      precache: guest.precache,
      preswap: guest.preswap,
      trace: guest.trace ?? null,
    })),
    events: events.length,
    missingTraces,
  };
}
