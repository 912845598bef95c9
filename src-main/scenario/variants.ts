import * as v from 'valibot';
import { ConsoleError } from '#contract/errors.ts';
import { POLICIES, type PolicyName } from '#contract/model.ts';
import { VariantName } from './claims/measure-kind.ts';
import { text } from './fields.ts';
import { pathSetting, setPath } from './path-setting.ts';

/** Variants that every scenario has, so that no file may call its own so. */
const BUILT_IN: readonly string[] = ['as-is', 'no-tmem', ...POLICIES];

/** Another run of the same host: what differs from the file. */
export const VariantSchema = v.strictObject({
  name: v.pipe(
    VariantName,
    v.check((name) => !BUILT_IN.includes(name), 'is a name that every scenario has already. Give it another.'),
  ),
  title: v.pipe(text(64), v.description('How it differs, for a person: "without the hog".')),
  set: v.pipe(
    v.record(v.string(), v.unknown()),
    v.description('What differs: paths as in guests.web.weight, and their values.'),
  ),
});
export type Variant = v.InferOutput<typeof VariantSchema>;

/** What of a scenario's JSON variants need. */
interface Varied {
  readonly guests: readonly { readonly name: string }[];
  readonly variants: readonly Variant[];
}

/**
 * A scenario's JSON as a variant of it has it.
 * @param json as it was read; it is not changed
 * @param scenario what was read from it
 * @param name one of the file's own variants, `as-is`, `no-tmem` (no guest uses tmem), or a policy
 * @throws ConsoleError `bad-argument` where there is no such variant, or a path of it leads nowhere
 */
export function varied(json: unknown, { guests, variants }: Varied, name: string): unknown {
  const copy = structuredClone(json);
  for (const [path, value] of Object.entries(settingsOf(name, guests, variants)))
    setPath(copy, pathSetting(path, value));
  return copy;
}

function settingsOf(name: string, guests: Varied['guests'], variants: readonly Variant[]): Record<string, unknown> {
  const own = variants.find((variant) => variant.name === name);
  if (own !== undefined) return own.set;
  if (name === 'as-is') return {};
  if (POLICIES.includes(name as PolicyName)) return { policy: name };
  if (name === 'no-tmem')
    return Object.fromEntries(
      guests.flatMap((_, place) =>
        [`guests.${place}.precache`, `guests.${place}.preswap`].map((path) => [path, false]),
      ),
    );
  const known = [...variants.map((variant) => variant.name), ...BUILT_IN];
  throw new ConsoleError('bad-argument', `There is no variant "${name}".`, `There is ${known.join(', ')}.`);
}

/** A variant in words. */
export function variantTitle({ variants }: Pick<Varied, 'variants'>, name: string): string {
  const own = variants.find((variant) => variant.name === name);
  if (own !== undefined) return own.title;
  if (name === 'as-is') return 'as the file says';
  return name === 'no-tmem' ? 'without tmem' : `under ${name}`;
}
