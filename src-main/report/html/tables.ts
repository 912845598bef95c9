import type { EvictionCell, HostGauge, Report } from '#contract/reports.ts';
import { EVICTION_REASONS } from '#contract/samples.ts';
import { changeWords } from '../action-words.ts';
import { sourceText } from '../csv-tables.ts';
import type { Markup } from './markup.ts';
import { html } from './markup.ts';
import { NOTHING, count, duration, hostTime, mibNumber, percent, rateNumber, wallTime } from './numbers.ts';

/** Rows of one list that a person may want to read on paper; the rest is in the CSV and JSON forms. */
const ROWS_MAX = 1_000;

interface Cell {
  readonly text: string;
  readonly strength?: number;
}

function section(title: string, note: string, content: Markup): Markup {
  return html`<section class="panel">
    <div class="head">
      <h2>${title}</h2>
      <span class="dim">${note}</span>
    </div>
    ${content}
  </section>`;
}

/** A table whose first column names the row; the columns in `words` are text, all others numbers. */
function table(
  header: readonly string[],
  rows: readonly (readonly (string | Cell)[])[],
  { words = [0], foot = [] }: { words?: readonly number[]; foot?: readonly (readonly string[])[] } = {},
): Markup {
  const kind = (place: number): string => (words.includes(place) ? '' : 'number');
  const cell = (value: string | Cell, place: number): Markup => {
    const { text, strength = 0 } = typeof value === 'string' ? { text: value } : value;
    if (place === 0) return html`<th scope="row">${text}</th>`;
    if (strength === 0) return html`<td class="${kind(place)}">${text}</td>`;
    return html`<td class="cell ${kind(place)}" style="--strength:${strength.toFixed(3)}">${text}</td>`;
  };
  const row = (values: readonly (string | Cell)[]): Markup =>
    html`<tr>
      ${values.map(cell)}
    </tr>`;
  return html`<div class="scroll">
    <table>
      <thead>
        <tr>
          ${header.map((name, place) => html`<th scope="col" class="${kind(place)}">${name}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows.map(row)}
      </tbody>
      ${
        foot.length === 0
          ? html``
          : html`<tfoot>
              ${foot.map(row)}
            </tfoot>`
      }
    </table>
  </div>`;
}

/** Nothing where one of them is not known. */
function added(a: number | null, b: number | null): number | null {
  return a === null || b === null ? null : a + b;
}

export function guestTable({ guests }: Report): Markup {
  const header = ['guest', 'RAM mean', 'target last', 'weight last', 'share held', 'ephemeral mean', 'ephemeral max', 'precache gets', 'hits', 'disk reads', 'disk reads/s', 'lost', 'caused']; // prettier-ignore
  const rows = guests.map(({ name, gauges, counts, ephemeralSharePart, precacheHitPart }) => [
    name,
    mibNumber(gauges.ramPages.mean),
    mibNumber(gauges.targetPages.last),
    count(gauges.weight.last),
    percent(ephemeralSharePart),
    mibNumber(gauges.ephemeralPages.mean),
    mibNumber(gauges.ephemeralPages.max),
    count(counts.precacheGets.total),
    percent(precacheHitPart),
    count(counts.diskReads.total),
    rateNumber(counts.diskReads.meanPerSecond),
    count(added(counts.evictedBySelf.total, counts.evictedByOthers.total)),
    count(counts.evictionsCaused.total),
  ]);
  return section('Guests', 'memory in MiB; gets, reads, lost and caused in pages', table(header, rows));
}

const GAUGE_WORDS: Readonly<Record<Exclude<HostGauge, 'diskQueue'>, string>> = {
  totalPages: 'all RAM',
  reservedPages: 'reserved for the host',
  guestPages: 'RAM of the guests',
  ephemeralPages: 'ephemeral',
  persistentPages: 'persistent',
  fallowPages: 'fallow',
  compressedPages: 'stored compressed',
  sharedPages: 'stored once for several',
};
const MEMORY_GAUGES = Object.keys(GAUGE_WORDS) as (keyof typeof GAUGE_WORDS)[];

export function poolTable({ pool }: Report): Markup {
  if (pool === null) return html``;
  const rows = MEMORY_GAUGES.map((name) => {
    const { min, mean, max, last } = pool.gauges[name];
    return [GAUGE_WORDS[name], mibNumber(min), mibNumber(mean), mibNumber(max), mibNumber(last)];
  });
  return section('Memory of the host', 'MiB', table(['memory', 'min', 'mean', 'max', 'last'], rows));
}

export function evictionTables({ evictions: { cells, pages }, runs }: Report): Markup {
  if (pages === 0) {
    const isTold = runs.every(({ source }) => source.kind === 'modelled');
    const sentence = isTold ? 'Nothing was evicted.' : 'It is not known: the listings of Xen do not tell it.';
    return section('Who evicts whom', '', html`<p class="dim">${sentence}</p>`);
  }
  const sum = (of: (cell: EvictionCell) => boolean): number =>
    cells.reduce((total, cell) => total + (of(cell) ? cell.pages : 0), 0);
  const victims = [...new Set(cells.map(({ victim }) => victim))].sort();
  const beneficiaries = [...new Set(cells.map(({ beneficiary }) => beneficiary))].sort();
  const at = (victim: string, beneficiary: string): number =>
    sum((cell) => cell.victim === victim && cell.beneficiary === beneficiary);
  const greatest = Math.max(...victims.flatMap((victim) => beneficiaries.map((one) => at(victim, one))));
  const matrix = victims.map((victim) => [
    victim,
    ...beneficiaries.map((one) => {
      const here = at(victim, one);
      return { text: here === 0 ? NOTHING : count(here), strength: (here / greatest) * 0.34 };
    }),
    count(sum((cell) => cell.victim === victim)),
  ]);
  const gained = beneficiaries.map((one) => count(sum(({ beneficiary }) => beneficiary === one)));
  const reasons = EVICTION_REASONS.filter((reason) => sum((cell) => cell.reason === reason) > 0);
  const byReason = victims.map((victim) => [
    victim,
    ...reasons.map((reason) => count(sum((cell) => cell.victim === victim && cell.reason === reason))),
  ]);
  const foot = ['gained', ...gained, count(pages)];
  return html`<div class="columns">
    ${section('Who evicts whom', 'pages', table(['victim \\ for', ...beneficiaries, 'lost'], matrix, { foot: [foot] }))}
    ${section('Why', 'pages', table(['victim', ...reasons], byReason))}
  </div>`;
}

const OUTCOME_WORDS = { applied: 'applied', 'not-applied': 'not applied', committed: 'not confirmed yet' } as const;

export function actionTable({ actions, actionCount, clockEvents, clockEventCount }: Report): Markup {
  const actionRows = actions
    .slice(-ROWS_MAX)
    .map(({ outcome, action }) => [
      count(action.id),
      `run ${action.runId}, ${hostTime(action.hostMs)}`,
      wallTime(action.wallMs),
      action.guestName ?? 'host',
      changeWords(action),
      [action.undoes === null ? null : `undoes ${count(action.undoes)}`, action.reason].filter(Boolean).join(': '),
      action.source,
      OUTCOME_WORDS[outcome],
    ]);
  const eventRows = clockEvents
    .slice(-ROWS_MAX)
    .map(({ runId, hostMs, wallMs, kind, detail }) => [
      `run ${runId}, ${hostTime(hostMs)}`,
      wallTime(wallMs),
      kind,
      detail,
    ]);
  const shown = (rows: number, all: number): string => (rows < all ? `the newest ${count(rows)} of ${count(all)}` : '');
  const actionsPart =
    actionCount === 0
      ? html`<p class="dim">No admin action in this range.</p>`
      : table(['row', 'host time', 'wall time', 'guest', 'change', 'reason', 'source', 'outcome'], actionRows, {
          words: [0, 1, 2, 3, 4, 5, 6, 7],
        });
  return html`${section('Admin actions', shown(actionRows.length, actionCount), actionsPart)}
  ${
    clockEventCount === 0
      ? html``
      : section(
          'Clock and gaps',
          shown(eventRows.length, clockEventCount),
          table(['host time', 'wall time', 'event', 'detail'], eventRows, { words: [0, 1, 2, 3] }),
        )
  }`;
}

export function runTable({ runs }: Report): Markup {
  const header = ['run', 'what it was', 'policy', 'idle tax', 'RAM, MiB', 'recorded here', 'began', 'end', 'version'];
  const rows = runs.map((run) => [
    count(run.runId),
    sourceText(run.source),
    run.policy,
    run.policy === 'max-over-share'
      ? `${(run.idleTaxPermille / 1000).toString()} in ${run.idleTaxWindowSeconds} s`
      : NOTHING,
    mibNumber(run.totalPages),
    duration(run.recordedSeconds),
    wallTime(run.startedAtWallMs),
    run.end,
    run.appVersion,
  ]);
  return section('What the host was', '', table(header, rows, { words: [0, 1, 2, 3, 6, 7, 8] }));
}

/** Where the figures come from, and the anchor of the audit. */
export function howItWasRead({ samplesRead, audit, historyId, versions, range }: Report): Markup {
  const read = samplesRead.map(({ runId, resolutionSeconds, fromAxisSecond, toAxisSecond }) => {
    const how = resolutionSeconds === 1 ? 'the samples of each second' : `sums of ${duration(resolutionSeconds)}`;
    const beyond = fromAxisSecond < range.from.axisSecond || toAxisSecond > range.to.axisSecond + 1;
    return html`<li>
      Run ${runId}: ${duration(toAxisSecond - fromAxisSecond)} out of
      ${how}${beyond ? ', which reach a little beyond the range: finer ones are no longer kept' : ''}.
    </li>`;
  });
  return html`<section class="panel note">
    <h2>Where these figures come from</h2>
    <ul>
      ${read}
    </ul>
    <p>
      Sums hold total, least, greatest and last value of their seconds; totals are those of the samples. Charts show a
      gauge by its last value at each point and a count by its mean.
    </p>
    <p>
      Anchor of the audit of history <span class="hash">${historyId}</span>: ${count(audit.rows)} rows, last hash
      <span class="hash">${audit.headHash}</span>. Keep it: with it a cut-off end of the audit shows.
    </p>
    <p>
      Versions:
      ${Object.entries(versions)
        .map(([name, version]) => `${name} ${version}`)
        .join(', ')}.
    </p>
  </section>`;
}
