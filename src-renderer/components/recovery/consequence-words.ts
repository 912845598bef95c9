import type { Consequences, HistoryExtent } from '#contract/backups.ts';
import { duration, plural } from '../../format.ts';

/** "1.2 h of host time, 3 admin actions and 1 run"; null where there is nothing. */
function extentText({ seconds, actions, runs }: HistoryExtent): string | null {
  const parts = [
    ...(seconds > 0 ? [`${duration(seconds)} of host time`] : []),
    ...(actions > 0 ? [plural(actions, 'admin action')] : []),
    ...(runs > 0 ? [plural(runs, 'run')] : []),
  ];
  const last = parts.pop();
  if (last === undefined) return null;
  return parts.length === 0 ? last : `${parts.join(', ')} and ${last}`;
}

/** What a restoration would do, in sentences: how far it reaches, and what comes back. */
export function consequenceSentences({ present, setAside, broughtBack, sameHistory }: Consequences): string[] {
  const gone = extentText(setAside);
  const back = extentText(broughtBack);
  const sentences: string[] = [];
  if (present === null) sentences.push('No history that can be read is in its place now.');
  else if (!sameHistory) sentences.push('It is of another history than the one in place.');
  if (present !== null) {
    sentences.push(
      gone === null
        ? 'The history in place has nothing that this file lacks.'
        : `Recorded since, and set aside with the present file, not deleted: ${gone}.`,
    );
  }
  if (back !== null) sentences.push(`Comes back: ${back}.`);
  return sentences;
}
