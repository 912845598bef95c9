import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Report } from '#contract/reports.ts';
import { csvLines } from '#main/report/csv.ts';
import { csvTables } from '#main/report/csv-tables.ts';
import { reportText } from '#main/report/render-report.ts';
import { misfits } from './json-schema.ts';
import { reading, reportOf, runOfGuests, twoRuns } from './support.ts';

const csv = (rows: readonly (readonly (string | number | null)[])[]): string =>
  [...csvLines(['a', 'b'], rows)].join('');
const text = (file: string, format: 'html' | 'json', report: Report = reportOf(file)): string =>
  reading(file, (connection) => reportText(connection, report, format));

/** Reads CSV as RFC 4180 says, strictly. */
function parseCsv(content: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let at = 0;
  while (at < content.length) {
    const field = /^(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/.exec(content.slice(at));
    if (field === null) throw new Error(`No CSV at ${at}: ${content.slice(at, at + 40)}`);
    row.push(field[1]?.replaceAll('""', '"') ?? field[2] ?? '');
    at += field[0].length;
    if (field[3] === '\r\n') {
      rows.push(row);
      row = [];
    }
  }
  return rows;
}

describe('CSV', () => {
  it('ends lines with CRLF and quotes what needs it, after RFC 4180', () => {
    expect(
      csv([
        ['x,y', 'say "hi"'],
        ['two\nlines', null],
      ]),
    ).toBe('a,b\r\n"x,y","say ""hi"""\r\n"two\nlines",\r\n');
  });

  it.each(['=1+1', '+1', '-1', '@SUM(A1)', '\tx', '\rx', '=cmd|"/c calc"!A1', '＝1+1'])(
    'takes the teeth out of the formula %j',
    (formula) => {
      expect(parseCsv(csv([[formula, 1]]))[1]).toEqual([`'${formula}`, '1']);
    },
  );

  it('leaves numbers as they are, the negative ones too', () => {
    expect(csv([[-1.5, 0]])).toBe('a,b\r\n-1.5,0\r\n');
  });

  it('has a table of everything, whose totals are the report’s', () => {
    const report = reportOf(twoRuns().file);
    const tables = new Map([...csvTables(report)].map(([name, lines]) => [name, parseCsv([...lines].join(''))]));
    expect([...tables.keys()]).toEqual(['about.csv', 'guests.csv', 'pool.csv', 'evictions.csv', 'actions.csv', 'clock-events.csv', 'runs.csv']); // prettier-ignore
    const guests = tables.get('guests.csv') ?? [];
    const place = guests[0]?.indexOf('diskReads total') ?? -1;
    expect(guests.slice(1).map((row) => Number(row[place]))).toEqual(
      report.guests.map(({ counts }) => counts.diskReads.total),
    );
    const evicted = (tables.get('evictions.csv') ?? []).slice(1).reduce((sum, row) => sum + Number(row[3]), 0);
    expect(evicted).toBe(report.evictions.pages);
    expect(tables.get('actions.csv')?.[1]?.slice(4)).toEqual(['beta', 'weight', '100', '400', 'weight', 'console', 'applied', '', '']); // prettier-ignore
  });
});

describe('JSON', () => {
  const schema = JSON.parse(readFileSync('resources/schemas/report.schema.json', 'utf8')) as object;

  it('fits its published schema', () => {
    const { file } = twoRuns();
    expect(misfits(schema, JSON.parse(text(file, 'json')))).toEqual([]);
    const empty = { ...reportOf(file), pool: null, guests: [] };
    expect(misfits(schema, empty)).toEqual([]);
  });

  it('has settings of the host, reasons and what an act gave up in every form', () => {
    const { file, writer } = twoRuns();
    const made = { hostMs: 90_000, source: 'console' } as const;
    const given = { ramPages: 512, precachePages: 256, preswapPages: 128 };
    writer.commitActions(
      [
        { ...made, kind: 'policy', guestId: null, before: 'fifo', after: 'xen-shipped', reason: '=to, compare' },
        { ...made, kind: 'pool-limit', guestId: null, before: null, after: 5_120, undoes: 1 },
        { ...made, kind: 'remove-guest', guestId: 2, before: given, after: null },
      ],
      1_700_000_400_000,
    );
    expect(misfits(schema, JSON.parse(text(file, 'json')))).toEqual([]);
    expect(misfits(schema, reportOf(file)).length + reportOf(file).actions.length).toBe(5);
    const lines = [...(csvTables(reportOf(file)).get('actions.csv') ?? [])].slice(3).map((line) => line.split(',').slice(4).join(',')); // prettier-ignore
    expect(lines).toEqual([
      `,policy,fifo,xen-shipped,policy,console,committed,"'=to, compare",\r\n`,
      ',pool-limit,,5120,pages,console,committed,,1\r\n',
      'beta,remove-guest,896,,pages,console,committed,,\r\n',
    ]);
    const page = text(file, 'html').replaceAll('\u00a0', ' ');
    expect(page).toContain('eviction policy fifo → xen-shipped');
    expect(page).toContain('=to, compare');
    expect(page).toMatch(/pool limit none → 20\.0 MiB/);
    expect(page).toContain('undoes 1');
    expect(page).toMatch(/removed from the host; 2\.0 of RAM, 1\.0 of precache and 0\.5 MiB of preswap given up/);
  });

  it('would not fit without a figure, with a negative one, or with one more field', () => {
    const report = reportOf(twoRuns().file);
    expect(misfits(schema, { ...report, recordedSeconds: -1 })).toEqual(['$.recordedSeconds: out of bounds']);
    expect(misfits(schema, { ...report, guests: [{}] })).toContain('$.guests[0]: lacks counts');
    expect(misfits(schema, { ...report, more: 1 })).toEqual(['$: more is unknown']);
  });
});

describe('HTML', () => {
  it('has no script and asks for nothing from outside', () => {
    const page = text(twoRuns().file, 'html');
    expect(page).not.toMatch(/<script|<link|<img|<iframe|src=|href=|@import|url\(|javascript:|\son\w+=/i);
    expect(page).toContain(`content="default-src 'none'; style-src 'unsafe-inline'"`);
  });

  it('has the totals of the database, figure by figure', () => {
    const { file } = twoRuns();
    const page = text(file, 'html');
    const tables = page
      .split('<table')
      .slice(1)
      .map((table) => table.slice(0, table.indexOf('</table>')));
    const cellsOf = (table = ''): string[][] =>
      [...table.matchAll(/<tr[^>]*>(.*?)<\/tr>/gs)].map(([, row = '']) =>
        [...row.matchAll(/<t[hd][^>]*>(.*?)<\/t[hd]>/gs)].map(([, cell = '']) => cell.replace(/<[^>]*>/g, '').trim()),
      );
    const number = (cell = ''): number => Number(cell.replace(/[^0-9]/g, ''));
    const guests = cellsOf(tables.find((table) => table.includes('precache gets')));
    const column = (name: string): number => guests[0]?.indexOf(name) ?? -1;
    reading(file, (connection) => {
      const totals = connection
        .prepare(
          `SELECT name, sum(precacheGets) AS gets, sum(diskReads) AS reads, sum(evictedBySelf + evictedByOthers) AS lost,
             sum(evictionsCaused) AS caused
           FROM guestSamples JOIN guests USING (runId, guestId) GROUP BY name ORDER BY name`,
        )
        .all() as { name: string; gets: number; reads: number; lost: number; caused: number }[];
      const shown = guests.slice(1).map((row) => ({
        name: row[0],
        gets: number(row[column('precache gets')]),
        reads: number(row[column('disk reads')]),
        lost: number(row[column('lost')]),
        caused: number(row[column('caused')]),
      }));
      expect(shown).toEqual(totals);
      const matrix = cellsOf(tables.find((table) => table.includes('victim \\ for')));
      const [header = [], ...rows] = matrix;
      const pages = connection
        .prepare(
          `SELECT victim.name AS victim, coalesce(for.name, 'host') AS beneficiary, sum(pages) AS pages FROM evictions
           JOIN guests AS victim ON victim.runId = evictions.runId AND victim.guestId = victimId
           LEFT JOIN guests AS for ON for.runId = evictions.runId AND for.guestId = beneficiaryId GROUP BY 1, 2`,
        )
        .all() as { victim: string; beneficiary: string; pages: number }[];
      expect(pages.length).toBeGreaterThan(6);
      for (const { victim, beneficiary, pages: evicted } of pages) {
        const row = rows.find(([name]) => name === victim);
        expect(number(row?.[header.indexOf(beneficiary)])).toBe(evicted);
      }
      const all = pages.reduce((sum, row) => sum + row.pages, 0);
      expect(number(rows.at(-1)?.at(-1))).toBe(all);
    });
  });

  it('escapes whatever names the history holds', () => {
    const evil = `<img src=x onerror=alert(1)>"'&`;
    const page = text(runOfGuests([evil, 'plain']), 'html');
    expect(page).not.toContain('<img');
    expect(page).toContain('&lt;img src=x onerror=alert(1)&gt;&quot;&#39;&amp;');
  });

  it('shows the figures, a chart of each kind with a mark for each action, and the anchor', () => {
    const { file } = twoRuns();
    const report = reportOf(file);
    const page = text(file, 'html', report);
    expect(page.match(/<svg class="chart"/g)).toHaveLength(3);
    expect(page.match(/<line class="mark" x1="\d/g)?.length).toBeGreaterThanOrEqual(3 * report.actions.length);
    for (const { counts } of report.guests) {
      expect(page).toContain(new Intl.NumberFormat('en-GB').format(counts.diskReads.total ?? NaN));
    }
    expect(page).toContain(report.audit.headHash);
    expect(page).toMatch(/balloon target 35\.2\sMiB → 17\.6\sMiB/);
    expect(page).not.toMatch(/NaN|undefined|Infinity/);
  });

  it('draws gaps as gaps', () => {
    const { file } = twoRuns();
    // The second run has 30 s missing: the stacked areas of its guests are in two pieces at least.
    const area = /<path class="f1" d="([^"]+)"/.exec(
      text(file, 'html', reportOf(file, { range: { fromS: 131, toS: 330 } })),
    );
    expect(area?.[1]?.match(/M/g)).toHaveLength(2);
  });

  it('says what is missing where nothing was recorded', () => {
    const { file } = twoRuns();
    const page = text(file, 'html', reportOf(file, { range: { fromS: 205, toS: 210 } }));
    expect(page).toContain('Nothing was recorded in this range.');
    expect(page).toMatch(/6\ss of host time in this range are not recorded/);
  });
});
