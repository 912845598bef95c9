import * as v from 'valibot';
import type { ClaimCheck } from '#contract/claims.ts';
import { GuestName, numberFrom, Seconds, whole, YesNo } from '../../fields.ts';
import { check } from '../checks.ts';
import { type ClaimRun, since } from '../claim-run.ts';
import { AS_IS, type MeasureKind, VariantName } from '../measure-kind.ts';

const NS_PER_S = 1e9;
/** An access that its own cache misses is a get and a put. */
const OPERATIONS = 2;

/** What a scenario file says of it. */
export const HeldToShareSchema = v.strictObject({
  kind: v.literal('held-to-share'),
  hog: GuestName,
  sharePages: v.pipe(whole(1, 1 << 24), v.description('Its share of the pool by weights, or its quota of preswap.')),
  shareFactor: v.pipe(numberFrom(1, 2), v.description('It may hold this many times its share.')),
  readsPercent: v.pipe(numberFrom(0, 100), v.description('By so much may the disk reads of the others change.')),
  fromS: v.pipe(Seconds, v.description('From when the pool is full and the caches are warm.')),
  without: v.pipe(VariantName, v.description('The variant without the hog, its share taken out of the pool.')),
  isQuota: v.optional(v.pipe(YesNo, v.description('The share is a quota, which it fills to the page.')), false),
  unweighted: v.optional(v.pipe(VariantName, v.description('The variant in which it takes more than its share.'))),
  shipped: v.optional(v.pipe(VariantName, v.description('The variant under the rule that Xen shipped.'))),
  starves: v.optional(
    v.pipe(YesNo, v.description('Without weights the others read more, and under the shipped rule more again.')),
    false,
  ),
  queues: v.optional(
    v.pipe(YesNo, v.description('Nobody waits longer than for one operation of each of the others.')),
    false,
  ),
});
type Claim = v.InferOutput<typeof HeldToShareSchema>;

/** A greedy guest is held to its share, and the others notice nothing of it. */
export const heldToShare: MeasureKind<Claim> = {
  variants: ({ without, unweighted, shipped }) =>
    [without, unweighted, shipped].filter((name): name is string => name !== undefined),
  guests: ({ hog }) => [hog],
  measure(claim, runs) {
    const { hog, sharePages, shareFactor, readsPercent, without, isQuota } = claim;
    const [honoured, alone] = [runs(AS_IS), runs(without)];
    const victims = honoured.config.guests.map(({ name }) => name).filter((name) => name !== hog);
    const most = shareFactor * sharePages;
    const reads = (run: ClaimRun, name: string): number =>
      since(run, name, 'diskReads', claim.fromS) / since(run, name, 'accesses', claim.fromS);
    const changeOf = (name: string): number => Math.abs(reads(honoured, name) / reads(alone, name) - 1) * 100;
    const checks = [
      check(`share of ${hog}`, shareOf(honoured, hog, isQuota), 'exactly', sharePages),
      check(`most pages of ${hog}`, mostHeld(honoured, claim), isQuota ? 'exactly' : 'at-most', isQuota ? sharePages : most), // prettier-ignore
      ...victims.map((name) =>
        check(`change of the disk reads per access of ${name}`, changeOf(name), 'at-most', readsPercent, '%'),
      ),
      ...worse(claim, victims, runs),
      ...(claim.queues ? victims.map((name) => waits(honoured, alone, name)) : []),
    ];
    const shown = [
      ['as the file says', honoured],
      [`without ${hog}`, alone],
      ...[claim.unweighted, claim.shipped].flatMap((name) =>
        name === undefined ? [] : [[runs(name).config.policy, runs(name)] as const],
      ),
    ] as const;
    return {
      checks,
      table: {
        head: ['disk reads per access', ...victims, `most pages of ${hog}`],
        rows: shown.map(([name, run]) => [
          name,
          ...victims.map((victim) => reads(run, victim).toFixed(3)),
          mostHeld(run, claim),
        ]),
      },
    };
  },
};

/** What it takes under policies that do not honour weights. */
function worse(claim: Claim, victims: readonly string[], runs: (variant: string) => ClaimRun): ClaimCheck[] {
  const { hog, sharePages, shareFactor, readsPercent, fromS, without, unweighted, shipped, starves } = claim;
  const allReads = (variant: string): number =>
    victims.reduce((sum, name) => sum + since(runs(variant), name, 'diskReads', fromS), 0);
  const greedy = [unweighted, shipped].flatMap((variant) => {
    if (variant === undefined) return [];
    const run = runs(variant);
    return [check(`most pages of ${hog} under ${run.config.policy}`, mostHeld(run, claim), 'above', shareFactor * sharePages)]; // prettier-ignore
  });
  if (!starves || unweighted === undefined) return greedy;
  const least = Math.floor((1 + readsPercent / 100) * allReads(without));
  const unweightedReads = allReads(unweighted);
  const policy = (variant: string): string => runs(variant).config.policy;
  return [
    ...greedy,
    check(`disk reads of the others under ${policy(unweighted)}`, unweightedReads, 'above', least),
    ...(shipped === undefined
      ? []
      : [check(`disk reads of the others under ${policy(shipped)}`, allReads(shipped), 'above', unweightedReads)]),
  ];
}

/** Its part of the pool by weights; of preswap its quota. */
function shareOf(run: ClaimRun, name: string, isQuota: boolean): number {
  const { weight, ramPages, maxPages } = run.configOf(name);
  if (isQuota) return maxPages - ramPages;
  const weights = run.config.guests.reduce((sum, guest) => sum + guest.weight, 0);
  return (run.poolPages * weight) / weights;
}

function mostHeld(run: ClaimRun, { hog, fromS }: Claim): number {
  const persistent = run.course(hog, 'persistentPages');
  const held = run.course(hog, 'ephemeralPages').map((pages, second) => pages + (persistent[second] ?? 0));
  return Math.max(...held.slice(fromS));
}

/** The cores are served in order of arrival, and each guest has one operation under way. */
function waits(honoured: ClaimRun, alone: ClaimRun, name: string): ClaimCheck {
  const { costs, guests } = honoured.config;
  const operationS = ((costs?.cpu.hypercallNs ?? 0) + (costs?.cpu.copyNs ?? 0)) / NS_PER_S;
  const { accesses, cacheHits } = honoured.guest(name);
  const waitedS = (accesses - cacheHits) * (guests.length - 1) * OPERATIONS * operationS;
  const least = 100 * (1 - waitedS / honoured.seconds);
  return check(`work of ${name}, against that alone`, (100 * accesses) / alone.guest(name).accesses, 'at-least', least, '%'); // prettier-ignore
}
