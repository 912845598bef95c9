import * as v from 'valibot';
import { type Action, ActionSchema, type Change, ChangeSchema } from '#contract/model.ts';
import type { Value } from './staged-change.ts';

/** A change that waits in the tray. */
export interface StagedChange {
  readonly change: Change;
  /** The setting when it was staged, to tell when it changed elsewhere meanwhile; NaN: not known, or an act. */
  readonly before: Value;
  /** Where it came from, for a person: "Guests", "What-if, double web". */
  readonly origin: string;
}

/** What of the tray outlives the window. */
export interface KeptTray {
  /** Staged changes are of one scenario and seed: another host may have other guests. */
  readonly source: string;
  readonly changes: readonly StagedChange[];
  readonly reason: string;
  /** The run that the applied sets belong to: another one has other settings. */
  readonly runId: number;
  readonly undoable: readonly (readonly Action[])[];
  readonly redoable: readonly (readonly Action[])[];
}

const StoredSchema = v.strictObject({
  source: v.string(),
  changes: v.array(
    v.strictObject({ change: ChangeSchema, before: v.union([v.number(), v.string(), v.null()]), origin: v.string() }),
  ),
  reason: v.optional(v.string(), ''),
  runId: v.number(),
  undoable: v.array(v.array(ActionSchema)),
  redoable: v.array(v.array(ActionSchema)),
});
const PLACE = 'tmem-console.staged';

/** What was kept; null where there is nothing, or nothing that can be read. */
export function readTray(): KeptTray | null {
  try {
    const read = v.safeParse(StoredSchema, JSON.parse(localStorage.getItem(PLACE) ?? '{}'));
    if (!read.success) return null;
    const changes = read.output.changes.map(({ change, before, origin }) => {
      // JSON has neither Infinity nor NaN.
      const none = change.kind === 'precache-cap' || change.kind === 'pool-limit' ? Infinity : NaN;
      return { change, before: before ?? none, origin };
    });
    return { ...read.output, changes };
  } catch {
    // Damaged storage is the same as none.
    return null;
  }
}

export function keepTray(kept: KeptTray): void {
  try {
    localStorage.setItem(PLACE, JSON.stringify(kept));
  } catch {
    // What cannot be kept is still staged in this window.
  }
}
