import type { ScenarioEntry } from '#contract/scenarios.ts';
import { nameOf } from '../../stores/scenarios.ts';

/** Where a removed file goes, and how it comes back. */
function keptSentence(folder: string): string {
  return `The file is moved to ${folder}. Undo puts it back; from there it is gone for good only when you delete it.`;
}

/** What removing a scenario does. */
export function scenarioRemoval(folder: string): string[] {
  return [
    'It is no longer in the gallery. Runs of it stay in the history, and can be looked at and reported as before.',
    keptSentence(folder),
  ];
}

/** What removing a trace does. @param players scenarios that play it */
export function traceRemoval(players: readonly ScenarioEntry[], folder: string): string[] {
  const names = players.map((entry) => `“${nameOf(entry)}”`);
  const used =
    names.length === 0
      ? 'No scenario at hand plays it.'
      : `${names.join(', ')} ${names.length === 1 ? 'plays' : 'play'} it, and cannot run without it.`;
  return [used, keptSentence(folder)];
}
