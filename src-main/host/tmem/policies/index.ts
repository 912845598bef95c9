import { fifo } from './fifo.ts';
import { maxOverShare } from './max-over-share.ts';
import type { PolicyFactory } from './policy.ts';
import { xenDocumented } from './xen-documented.ts';
import { xenShipped } from './xen-shipped.ts';

/** All eviction policies by name. A new policy is a file beside these and one line here. */
export const POLICIES = {
  fifo,
  'xen-shipped': xenShipped,
  'xen-documented': xenDocumented,
  'max-over-share': maxOverShare,
} as const satisfies Record<string, PolicyFactory>;

export type PolicyName = keyof typeof POLICIES;

/** The names, in the order in which they are shown. */
export const POLICY_NAMES = Object.keys(POLICIES) as PolicyName[];

/** Whether a text names a policy. */
export function isPolicyName(text: string): text is PolicyName {
  return Object.hasOwn(POLICIES, text);
}
