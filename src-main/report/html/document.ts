import type { Report } from '#contract/reports.ts';
import { PAGES_PER_MIB } from '#contract/units.ts';
import { sourceText } from '../csv-tables.ts';
import type { ReportSeries } from '../report-series.ts';
import { chart, looksOf } from './chart.ts';
import type { Markup } from './markup.ts';
import { Markup as Text, html } from './markup.ts';
import { count, duration, hostTime, mib, mibNumber, percent, rateNumber, wallTime } from './numbers.ts';
import { STYLE } from './style.ts';
import { actionTable, evictionTables, guestTable, howItWasRead, poolTable, runTable } from './tables.ts';

/** A report as one file that needs nothing else: no scripts, no requests, styles and charts within. */
export function htmlDocument(report: Report, series: ReportSeries): string {
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'" />
        <meta name="viewport" content="width=device-width" />
        <title>Tmem report, ${rangeText(report)}</title>
        <style>
          ${new Text(STYLE)}
        </style>
      </head>
      <body>
        <main>
          ${head(report)} ${keyFigures(report)} ${charts(report, series)} ${guestTable(report)} ${poolTable(report)}
          ${evictionTables(report)} ${actionTable(report)} ${runTable(report)} ${howItWasRead(report)}
        </main>
      </body>
    </html> `;
  return page.text;
}

function rangeText({ range: { from, to } }: Report): string {
  const run = (place: typeof from): string => `run ${place.runId}, ${hostTime(place.hostMs)}`;
  return from.runId === to.runId ? `${run(from)} to ${hostTime(to.hostMs)}` : `${run(from)} to ${run(to)}`;
}

function head(report: Report): Markup {
  const sources = [...new Set(report.runs.map(({ source }) => sourceText(source)))].join('; ');
  const { from, to } = report.range;
  const guests = report.guestsAskedFor.length === 0 ? '' : ` Guests: ${report.guestsAskedFor.join(', ')}.`;
  return html`<header>
    <h1>Tmem report</h1>
    <p>${sources}</p>
    <p class="dim">
      Host time of ${rangeText(report)} (${wallTime(from.wallMs)} to ${wallTime(to.wallMs)}).${guests} Made
      ${wallTime(report.madeAtWallMs)}.
    </p>
    ${
      report.missingSeconds === 0
        ? html``
        : html`<p class="warn">${duration(report.missingSeconds)} of host time in this range are not recorded.</p>`
    }
  </header>`;
}

function keyFigures(report: Report): Markup {
  const sum = (of: (guest: Report['guests'][number]) => number): number =>
    report.guests.reduce((total, guest) => total + of(guest), 0);
  const gets = sum(({ counts }) => counts.precacheGets.total ?? 0);
  const hits = sum(({ counts }) => counts.precacheHits.total ?? 0);
  const reads = report.guests.some(({ counts }) => counts.diskReads.total === null)
    ? null
    : sum(({ counts }) => counts.diskReads.total ?? 0);
  const isImported = report.runs.some(({ source }) => source.kind === 'imported');
  const evicted = isImported ? (report.pool?.counts.evictions.total ?? 0) : report.evictions.pages;
  const notApplied = report.actions.filter(({ outcome }) => outcome !== 'applied').length;
  const figures: [string, string, string][] = [
    ['Recorded', duration(report.recordedSeconds), `${count(report.recordedSeconds)} host seconds`],
    [
      'Disk reads avoided',
      count(hits),
      reads === null ? 'disk reads are not known' : `of ${count(hits + reads)} that left the page caches`,
    ],
    ['Precache hits', percent(gets === 0 ? null : hits / gets), `of ${count(gets)} gets`],
    ['Pages evicted', count(evicted), mib(evicted)],
    ['Admin actions', count(report.actionCount), notApplied === 0 ? 'all applied' : `${notApplied} not applied`],
  ];
  return html`<section class="figures" aria-label="Key figures">
    ${figures.map(
      ([what, figure, note]) =>
        html`<div class="panel">
          <p class="dim">${what}</p>
          <p class="figure">${figure}</p>
          <p class="dim">${note}</p>
        </div>`,
    )}
  </section>`;
}

function charts(report: Report, series: ReportSeries): Markup {
  if (report.guests.length === 0) {
    return html`<section class="panel"><p class="dim">Nothing was recorded in this range.</p></section>`;
  }
  const startOf = new Map(report.runs.map(({ runId, axisStartSecond }) => [runId, axisStartSecond]));
  const marks = report.actions.map(({ action }) => (startOf.get(action.runId) ?? 0) + Math.floor(action.hostMs / 1000));
  const time = (axisS: number): string => {
    const run = report.runs.findLast(({ axisStartSecond }) => axisStartSecond <= axisS);
    return hostTime((Math.floor(axisS) - (run?.axisStartSecond ?? 0)) * 1000);
  };
  const common = { axisS: series.axisS, bucketS: series.bucketS, marks, time };
  const perPoint = series.bucketS === 1 ? 'by the second' : `${duration(series.bucketS)} a point`;
  const figure = (title: string, unit: string, drawing: Markup, stacked: boolean): Markup =>
    html`<figure class="panel">
      <div class="head">
        <h2>${title}</h2>
        <span class="dim">${unit}, ${perPoint}</span>
      </div>
      ${drawing} ${legend(report, stacked)}
    </figure>`;
  const toMib = (line: Float64Array): Float64Array => line.map((pages) => pages / PAGES_PER_MIB);
  return html`${figure(
    'Ephemeral memory held',
    'MiB',
    chart({
      ...common,
      lines: series.ephemeralPages.map(toMib),
      stacked: true,
      value: (value) => mibNumber(value * PAGES_PER_MIB),
      label: 'Ephemeral memory each guest held, on each other',
    }),
    true,
  )}
  ${figure(
    'Disk reads',
    'pages/s',
    chart({ ...common, lines: series.diskReads, stacked: false, value: rateNumber, label: 'Disk reads of each guest' }),
    false,
  )}
  ${figure(
    'Evictions by victim',
    'pages/s',
    chart({ ...common, lines: series.evicted, stacked: false, value: rateNumber, label: 'Pages each guest lost' }),
    false,
  )}`;
}

function legend({ guests, actions }: Report, stacked: boolean): Markup {
  return html`<div class="legend">
    ${guests.map(({ name }, place) => {
      const { colour, dash } = looksOf(place);
      const shape = stacked
        ? html`<rect class="f${colour}" width="10" height="10" />`
        : html`<line class="line s${colour} d${dash}" x1="0" y1="5" x2="16" y2="5" />`;
      return html`<span><svg viewBox="0 0 16 10" aria-hidden="true">${shape}</svg>${name}</span>`;
    })}
    ${
      actions.length === 0
        ? html``
        : html`<span
            ><svg viewBox="0 0 16 10" aria-hidden="true"><line class="mark" x1="8" x2="8" y1="0" y2="10" /></svg>admin
            action</span
          >`
    }
  </div>`;
}
