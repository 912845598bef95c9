import * as v from 'valibot';
import type { Action } from '#contract/model.ts';
import { ActionSchema } from '#contract/model.ts';
import { Count } from '#contract/numbers.ts';

/** What an audit row says: the action without its number, and the first number of the set it was committed in. */
const ContentSchema = v.looseObject({ set: Count });

/** The values of an action that its row says; which of them go together is for {@link actionOf} to check. */
type Content = { readonly [K in Exclude<keyof Action, 'id'>]: Action[K] };

/**
 * The canonical JSON of an action: always these keys in this order. It is what is stored and what the hash covers. Rows of
 * older versions have no `reason` and no `undoes`; they stay as they are.
 */
export function contentOf(action: Content, set: number): string {
  const { runId, hostMs, wallMs, kind, guestId, guestName, before, after, source, reason, undoes } = action;
  return JSON.stringify({
    ...{ runId, hostMs, wallMs, kind, guestId, guestName, before, after, source, reason, undoes, set },
  });
}

/** The action in a stored row. */
export function actionOf(id: number, content: string): Action {
  const { set: _set, ...action } = v.parse(ContentSchema, JSON.parse(content));
  return v.parse(ActionSchema, { id, ...action });
}
