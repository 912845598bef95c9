import type { Run } from '#contract/model.ts';
import { hostTime, plural } from '../../format.ts';

interface Opening {
  readonly name: string;
  readonly seed: number | null;
  /** It is the live one already. */
  readonly isAnew: boolean;
  /** What is live now. */
  readonly former: string | null;
  readonly running: { readonly run: Run; readonly hostMs: number } | null;
  /** Changes that wait in the tray. */
  readonly staged: number;
}

/** What opening a scenario does, how far it reaches, and how it is undone. */
export function openingSentences({ name, seed, isAnew, former, running, staged }: Opening): string[] {
  const source = running?.run.source;
  const live = source?.kind === 'modelled' ? `“${source.scenario}”` : 'the live host';
  const ends =
    running === null
      ? 'No host runs now.'
      : `Run ${running.run.id} of ${live} ends in order at host time ${hostTime(running.hostMs)}: a last checkpoint is taken and the end is marked. What it recorded stays in the history.`;
  const seedText = seed === null ? '' : `, with seed ${seed}`;
  const begins = `A new run of “${name}” begins at host time 0${seedText}, in the same history and at the present speed.`;
  const undo = isAnew
    ? 'The run that ends cannot go on afterwards: host time goes forward, and another run follows it.'
    : `Undo opens ${former === null ? 'the former scenario' : `“${former}”`} again as a new run from host time 0. The run that ends now cannot go on afterwards, because another one follows it.`;
  const tray =
    staged === 0
      ? []
      : [
          `${plural(staged, 'staged change')} in the tray ${staged === 1 ? 'is' : 'are'} of the present host, and will be discarded.`,
        ];
  return [ends, begins, undo, ...(isAnew ? [] : tray)];
}
