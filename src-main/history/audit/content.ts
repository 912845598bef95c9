import * as v from 'valibot';
import type { Action } from '#contract/model.ts';
import { ActionSchema } from '#contract/model.ts';
import { Count } from '#contract/numbers.ts';

/** What an audit row says: the action without its number, and the first number of the set it was committed in. */
const ContentSchema = v.object({
  ...v.omit(ActionSchema, ['id']).entries,
  set: Count,
});

/** The canonical JSON of an action: always these keys in this order. It is what is stored and what the hash covers. */
export function contentOf(action: Action, set: number): string {
  const { runId, hostMs, wallMs, kind, guestId, guestName, before, after, source } = action;
  return JSON.stringify({ runId, hostMs, wallMs, kind, guestId, guestName, before, after, source, set });
}

/** The action in a stored row. */
export function actionOf(id: number, content: string): Action {
  const { set: _set, ...action } = v.parse(ContentSchema, JSON.parse(content));
  return { id, ...action };
}
