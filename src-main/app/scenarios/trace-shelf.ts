import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import * as v from 'valibot';
import { ConsoleError } from '#contract/errors.ts';
import { type TraceEntry, type TraceSummary, TraceSummarySchema } from '#contract/scenarios.ts';
import { STORED_ENDING } from '../../trace/load-trace.ts';
import type { Works } from '../../study-process/works.ts';
import { keepWhole } from './keep-whole.ts';

/** Summaries by file, each with the state of the file that it is of. */
const KnownSchema = v.record(v.string(), v.strictObject({ identity: v.string(), summary: TraceSummarySchema }));
type Known = v.InferOutput<typeof KnownSchema>;

export interface TraceShelfOptions {
  readonly shippedFolder: string;
  /** Where imported traces are kept, in their stored form. */
  readonly ownFolder: string;
  /** Where decoded traces are kept, and what is known of all. */
  readonly cacheFolder: string;
  readonly memoryMiB: number;
  /** Reads what is not known yet, in a process of its own. */
  readonly works: Pick<Works, 'run'>;
}

interface Found {
  readonly origin: 'shipped' | 'own';
  readonly name: string;
  readonly file: string;
  readonly bytes: number;
  readonly identity: string;
}

/** The traces at hand: those that ship, and those that were imported. */
export class TraceShelf {
  private readonly options: TraceShelfOptions;
  private importing = 0;
  private listing: Promise<TraceEntry[]> | null = null;

  constructor(options: TraceShelfOptions) {
    this.options = options;
  }

  get ownFolder(): string {
    return this.options.ownFolder;
  }

  /** All of them; one that cannot be read says why. Askings at the same time share one looking. */
  list(): Promise<TraceEntry[]> {
    this.listing ??= this.look().finally(() => {
      this.listing = null;
    });
    return this.listing;
  }

  /** Where an import of this file will be kept. @throws ConsoleError `bad-trace` where there is one of that name */
  targetOf(sourceFile: string): string {
    const name = `${basename(sourceFile).replace(/^\.+/, '') || 'trace'}${STORED_ENDING}`;
    const target = join(this.options.ownFolder, name);
    if (!existsSync(target)) return target;
    throw new ConsoleError(
      'bad-trace',
      `A trace was imported from a file of the name ${basename(sourceFile)} already.`,
      `Rename the file, or remove ${name} from ${this.options.ownFolder} first.`,
    );
  }

  /** Makes an import, of which nothing stays unless it comes to its end. @param work writes the target */
  async keep(target: string, work: () => Promise<TraceSummary>): Promise<TraceEntry> {
    this.importing++;
    try {
      await mkdir(this.options.ownFolder, { recursive: true });
      const summary = await work();
      const found = await foundAt('own', this.options.ownFolder, basename(target));
      if (found === null)
        throw new ConsoleError('bad-trace', `The imported trace ${target} is gone.`, 'Import it again.');
      await this.remember({ ...(await this.known()), [target]: { identity: found.identity, summary } });
      return entryOf(found, summary);
    } catch (error) {
      await rm(target, { force: true });
      await this.clear((name) => name.startsWith(`${basename(target)}.`));
      throw error;
    } finally {
      this.importing--;
    }
  }

  private async look(): Promise<TraceEntry[]> {
    const { shippedFolder, ownFolder, cacheFolder, memoryMiB, works } = this.options;
    // What a console that was killed left half written.
    if (this.importing === 0) await this.clear(() => true);
    const found = [
      ...(await tracesIn('shipped', shippedFolder, (name) => /\.(gz|zst|csv|txt|bin|lcs)$/.test(name))),
      ...(await tracesIn('own', ownFolder, (name) => name.endsWith(STORED_ENDING))),
    ];
    const known = await this.known();
    const isKnown = ({ file, identity }: Found): boolean => known[file]?.identity === identity;
    const unknown = found.filter((one) => !isKnown(one));
    const failures = new Map<string, TraceEntry['failure']>();
    const fresh: Known = {};
    if (unknown.length > 0) {
      const files = unknown.map(({ file }) => file);
      const told = await works.run({ kind: 'summaries', files, cacheFolder, memoryMiB });
      if (told.kind !== 'summaries')
        throw new ConsoleError('internal', 'Something else was told than what was asked for.');
      unknown.forEach(({ file, identity }, place) => {
        const { summary = null, failure = null } = told.summaries[place] ?? {};
        if (summary !== null) fresh[file] = { identity, summary };
        else failures.set(file, failure);
      });
    }
    const all = { ...known, ...fresh };
    const kept = Object.fromEntries(Object.entries(all).filter(([file]) => found.some((one) => one.file === file)));
    if (Object.keys(fresh).length > 0) await this.remember(kept);
    return found.map((one) => ({
      ...entryOf(one, isKnown(one) || fresh[one.file] ? (all[one.file]?.summary ?? null) : null),
      failure: failures.get(one.file) ?? null,
    }));
  }

  private get knownFile(): string {
    return join(this.options.cacheFolder, 'summaries.json');
  }

  private async known(): Promise<Known> {
    const text = await readFile(this.knownFile, 'utf8').catch(() => '');
    const read = v.safeParse(v.pipe(v.string(), v.parseJson(), KnownSchema), text);
    // What is not known is read again.
    return read.success ? read.output : {};
  }

  private async remember(known: Known): Promise<void> {
    await mkdir(this.options.cacheFolder, { recursive: true }).catch(() => null);
    // Not remembered only means read again.
    await keepWhole(this.knownFile, JSON.stringify(known)).catch(() => null);
  }

  /** Removes files that were not written to their end. */
  private async clear(which: (name: string) => boolean): Promise<void> {
    const names = await readdir(this.options.ownFolder).catch(() => []);
    for (const name of names) {
      if (name.endsWith('.tmp') && which(name)) await rm(join(this.options.ownFolder, name), { force: true });
    }
  }
}

async function tracesIn(origin: Found['origin'], folder: string, which: (name: string) => boolean): Promise<Found[]> {
  const names = (await readdir(folder).catch(() => [])).filter(which).sort();
  const found = await Promise.all(names.map((name) => foundAt(origin, folder, name)));
  return found.filter((one) => one !== null);
}

async function foundAt(origin: Found['origin'], folder: string, name: string): Promise<Found | null> {
  const file = join(folder, name);
  const status = await stat(file).catch(() => null);
  if (status?.isFile() !== true) return null;
  return { origin, name, file, bytes: status.size, identity: `${status.size} ${status.mtimeMs}` };
}

function entryOf({ origin, name, bytes }: Found, summary: TraceSummary | null): TraceEntry {
  return { origin, file: name, bytes, summary, failure: null };
}
