import { defineStore } from 'pinia';
import { reactive } from 'vue';
import type { HostDescription, Run } from '#contract/model.ts';
import type { ReportFormat, ReportSubject } from '#contract/reports.ts';
import { readFilter } from '../evictions/eviction-filter.ts';

/** What a report can be of. */
export const REPORT_SPANS = ['15m', '1h', '1d', 'run', 'all', 'custom'] as const;
type ReportSpan = (typeof REPORT_SPANS)[number];

interface ReportForm {
  span: ReportSpan;
  /** Run that from and to belong to; 0 is the present one. */
  runId: number;
  from: string;
  to: string;
  guests: string[];
  format: ReportFormat;
}

/** What was typed and chosen for a report: it stays while other pages are shown, and whatever fails. */
export const useReportForm = defineStore('report-form', () => {
  const form = reactive<ReportForm>({ span: '1h', runId: 0, from: '', to: '', guests: [], format: 'html' });
  return { form };
});

/** The subject that a form stands for, or the sentences that say what is wrong with it. */
type FormReading =
  | { readonly ok: true; readonly subject: ReportSubject }
  | { readonly ok: false; readonly from: string | null; readonly to: string | null };

/** Reads a form; `newest` is the newest second on the axis of all runs. */
export function readForm(
  form: Readonly<ReportForm>,
  axis: { readonly runs: readonly Run[]; readonly description: HostDescription | null; readonly newest: number },
): FormReading {
  const guests = [...form.guests];
  if (form.span === 'run') {
    const fromS = axis.description?.run.axisStartS ?? 0;
    return { ok: true, subject: { range: { fromS, toS: Math.max(fromS, axis.newest) }, guests } };
  }
  const { runId, from, to, span } = form;
  const reading = readFilter({ victims: [], beneficiaries: [], reasons: [], span, runId, from, to }, axis);
  return reading.ok ? { ok: true, subject: { range: reading.filter.range, guests } } : reading;
}
