import * as v from 'valibot';
import type { Settings } from '#contract/settings.ts';
import { SettingsSchema } from '#contract/settings.ts';

/** The fields of the page that are typed, as they are typed. */
export const NUMBER_FIELDS = [
  'secondsDays',
  'tensDays',
  'minutesDays',
  'hoursDays',
  'sizeMib',
  'everyMinutes',
] as const;
export type NumberField = (typeof NUMBER_FIELDS)[number];
export type TypedField = NumberField | 'folder';
export type Draft = Record<TypedField, string> & { scheduled: boolean };

export function draftOf({ retention, backups }: Settings): Draft {
  const { secondsDays, tensDays, minutesDays, hoursDays, sizeMib } = retention;
  return {
    secondsDays: String(secondsDays),
    tensDays: String(tensDays),
    minutesDays: String(minutesDays),
    hoursDays: String(hoursDays),
    sizeMib: String(sizeMib),
    everyMinutes: String(backups.everyMinutes),
    folder: backups.folder ?? '',
    scheduled: backups.scheduled,
  };
}

export type DraftReading =
  | { readonly ok: true; readonly settings: Settings }
  | { readonly ok: false; readonly errors: Partial<Record<TypedField, string>> };

/** A number as it is typed, with or without separators; NaN where it is none. */
const numberOf = (text: string): number =>
  /^\d{1,9}$/.test(text.trim().replaceAll(/[,\s]/g, '')) ? Number(text.trim().replaceAll(/[,\s]/g, '')) : NaN;

/** The settings that a draft stands for, over those that are kept; or the sentence for each field that does not fit. */
export function readDraft(draft: Draft, kept: Settings): DraftReading {
  const number = (field: NumberField): number => numberOf(draft[field]);
  const folder = draft.folder.trim();
  const read = v.safeParse(SettingsSchema, {
    ...kept,
    retention: {
      secondsDays: number('secondsDays'),
      tensDays: number('tensDays'),
      minutesDays: number('minutesDays'),
      hoursDays: number('hoursDays'),
      sizeMib: number('sizeMib'),
    },
    backups: {
      scheduled: draft.scheduled,
      everyMinutes: number('everyMinutes'),
      folder: folder === '' ? null : folder,
    },
  });
  if (read.success) return { ok: true, settings: read.output };
  const errors: Partial<Record<TypedField, string>> = {};
  for (const issue of read.issues) {
    const field = String(issue.path?.at(-1)?.key) as TypedField;
    errors[field] ??= issue.message;
  }
  return { ok: false, errors };
}
