import * as v from 'valibot';
import { Count, Name } from './numbers.ts';

const StudyId = v.pipe(v.number(), v.integer(), v.minValue(1));
const Nothing = v.strictObject({});

export const EXPORT_FORMATS = ['json', 'csv'] as const;
export type StudyExportFormat = (typeof EXPORT_FORMATS)[number];

/** Requests that keep studies, and do away with them. What is kept is read by `history.studies` and `history.study`. */
export const STUDY_KEEPING_REQUESTS = {
  /** Keeps a study that has been run, until it is deleted. Fails with `bad-study` while it has no final result. */
  'study.save': {
    argument: v.strictObject({ id: StudyId, name: Name }),
    answer: v.strictObject({ savedId: StudyId }),
  },
  /** Notes that an alternative of a saved forecast was applied, by the set that begins with this action. */
  'study.markApplied': {
    argument: v.strictObject({ savedId: StudyId, alternative: Name, actionId: Count }),
    answer: Nothing,
  },
  'study.delete': { argument: v.strictObject({ savedId: StudyId }), answer: Nothing },
  /** Writes a saved study into a file that the person chooses; null where they choose none. */
  'study.export': {
    argument: v.strictObject({ savedId: StudyId, format: v.picklist(EXPORT_FORMATS) }),
    answer: v.strictObject({ file: v.nullable(v.string()) }),
  },
} as const;
