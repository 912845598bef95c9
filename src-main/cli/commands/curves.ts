import { Command, InvalidArgumentError } from 'commander';
import { curveOfPages, type MissCurve } from '#main/what-if/miss-curve.ts';
import { readingOf, type TraceReadingOptions, withTraceOptions } from '../replay/trace-options.ts';
import { readTraces } from '../replay/traces.ts';
import { table } from '../what-if/tables.ts';

interface CurvesOptions extends TraceReadingOptions {
  readonly pages?: number[];
  readonly points: number;
  readonly sample?: number;
  readonly store?: string;
  readonly json?: true;
}

/** References above which only a sample of the pages is looked at, unless told otherwise. */
const EXACT_UP_TO = 50_000_000;
const SAMPLED_REFERENCES = 10_000_000;
const POINTS = 101;

const HELP = `
A curve says how many references of a trace miss an LRU cache of so many pages, from an empty cache: a guest's page cache together
with its share of the pool behaves like one. It is exact; of traces above ${EXACT_UP_TO.toLocaleString('en')} references a sample
of the pages is taken, and the part of the pages in it is printed as "rate".

JSON, a line for each trace: {"trace", "requests", "distinct", "rate", "points": [{"pages", "misses"}, …]}.

Exit codes: 0 done, 1 failed, 2 wrong arguments or trace, 130 cancelled.`;

/** `tmem-console curves`: miss-ratio curves of traces. */
export function curvesCommand(): Command {
  return withTraceOptions(new Command('curves'))
    .summary('misses of a trace by the size of the cache')
    .description('Computes how many references miss an LRU cache, for every size at once.')
    .argument('<trace...>', 'the traces, one curve each')
    .option('--pages <sizes>', 'sizes in pages, separated by commas, instead of evenly spread ones', parseSizes)
    .option('--points <number>', 'how many sizes, from 0 to all pages of the trace', parsePoints, POINTS)
    .option('--sample <rate>', 'look at this part of the pages only, above 0 to 1', parseRate)
    .option('--store <folder>', 'keep the decoded traces in this folder, and use those that are there')
    .option('--json', 'print the points as JSON')
    .addHelpText('after', HELP)
    .action((files: string[], options: CurvesOptions) => curves(files, options));
}

async function curves(files: readonly string[], options: CurvesOptions): Promise<void> {
  const traces = await readTraces(files, { ...readingOf(options), unit: 'page' }, options.store ?? null);
  const found = traces.map(({ pages, distinctPages }, at) => {
    const rate = options.sample ?? (pages.length > EXACT_UP_TO ? SAMPLED_REFERENCES / pages.length : 1);
    const curve = curveOfPages(pages, distinctPages, rate);
    const sizes = options.pages ?? spread(distinctPages, options.points);
    return {
      trace: files[at] ?? '',
      requests: pages.length,
      distinct: distinctPages,
      rate,
      points: pointsOf(curve, sizes),
    };
  });
  if (options.json) {
    for (const curve of found) process.stdout.write(`${JSON.stringify(curve)}\n`);
    return;
  }
  for (const { trace, requests, distinct, rate, points } of found) {
    const about = `${requests.toLocaleString('en')} references to ${distinct.toLocaleString('en')} pages`;
    const how = rate < 1 ? `, estimated from ${(100 * rate).toFixed(1)} % of the pages` : '';
    const rows = points.map(({ pages, misses }) => [
      pages.toLocaleString('en'),
      Math.round(misses).toLocaleString('en'),
      `${((100 * misses) / Math.max(1, requests)).toFixed(2)} %`,
    ]);
    process.stdout.write(`${trace}: ${about}${how}\n${table([['pages', 'misses', 'miss ratio'], ...rows])}\n`);
  }
}

function pointsOf(curve: MissCurve, sizes: readonly number[]): { pages: number; misses: number }[] {
  return sizes.map((pages) => ({ pages, misses: curve.misses(pages) }));
}

/** Sizes from 0 to all pages. */
function spread(distinct: number, points: number): number[] {
  const count = Math.min(points, distinct + 1);
  return Array.from({ length: count }, (_, at) => Math.round((distinct * at) / Math.max(1, count - 1)));
}

function parseSizes(list: string): number[] {
  return list.split(',').map((text) => {
    if (/^\d{1,15}$/.test(text.trim())) return Number(text);
    throw new InvalidArgumentError(`"${text}" is not a whole number of pages from 0.`);
  });
}

function parsePoints(text: string): number {
  const points = /^\d{1,7}$/.test(text) ? Number(text) : 0;
  if (points >= 2) return points;
  throw new InvalidArgumentError('It is a whole number from 2 to 9,999,999.');
}

function parseRate(text: string): number {
  const rate = Number(text);
  if (/^[\d.]+$/.test(text) && rate > 0 && rate <= 1) return rate;
  throw new InvalidArgumentError('It is a number above 0, up to 1.');
}
