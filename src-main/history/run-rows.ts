import * as v from 'valibot';
import type { Run } from '#contract/model.ts';
import { SourceSchema } from '#contract/model.ts';

/** A row of the table `runs`, as far as the contract shows it. */
export interface RunRow {
  readonly id: number;
  readonly source: string;
  readonly axisStartS: number;
  readonly seconds: number;
  readonly startedAtMs: number;
  readonly endState: Run['end'];
}

export const RUN_COLUMNS = 'id, source, axisStartS, seconds, startedAtMs, endState';

export function runOf(row: RunRow): Run {
  const { id, source, axisStartS, seconds, startedAtMs, endState } = row;
  return { id, source: v.parse(SourceSchema, JSON.parse(source)), axisStartS, seconds, startedAtMs, end: endState };
}
