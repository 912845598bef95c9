import * as v from 'valibot';
import { FailureSchema } from '#contract/errors.ts';
import { AxisRangeSchema, Count } from '#contract/numbers.ts';
import { REPORT_FORMATS } from '#contract/reports.ts';

/** What the thread that makes one report is started with; without a target it answers with the figures alone. */
export const ReportOrderSchema = v.strictObject({
  databaseFile: v.pipe(v.string(), v.nonEmpty()),
  range: v.nullable(AxisRangeSchema),
  guests: v.array(v.string()),
  versions: v.record(v.string(), v.string()),
  /** One number: 1 = the report is not wanted any more. */
  cancelled: v.instance(SharedArrayBuffer),
  target: v.nullable(v.strictObject({ format: v.picklist(REPORT_FORMATS), file: v.string() })),
});
export type ReportOrder = v.InferOutput<typeof ReportOrderSchema>;

/** From the thread: how far it is, then what came of it. */
export const ReportNewsSchema = v.variant('kind', [
  v.strictObject({ kind: v.literal('progress'), stage: v.picklist(['reading', 'writing']), part: v.number() }),
  v.strictObject({ kind: v.literal('figures'), figures: v.unknown() }),
  v.strictObject({ kind: v.literal('saved'), bytes: Count }),
  v.strictObject({ kind: v.literal('failed'), failure: FailureSchema }),
]);
export type ReportNews = v.InferOutput<typeof ReportNewsSchema>;
