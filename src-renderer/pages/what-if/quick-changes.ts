import { PAGES_PER_MIB, WEIGHT_MAX } from '#contract/units.ts';
import { GAP } from '../../format.ts';
import type { ShownGuest } from '../../stores/host.ts';
import { targetText, weightText } from '../guests/parse-setting.ts';

/** A guest as quick changes look at it. */
export interface QuickGuest {
  readonly guest: ShownGuest;
  readonly weight: number;
  readonly targetPages: number;
  readonly ephemeralPages: number;
  /** Pages of others that were evicted for it, a second. */
  readonly caused: number;
}

/** An alternative in one stroke: its name, and what stands in its cells. */
export interface QuickChange {
  readonly name: string;
  readonly cells: Readonly<Record<string, string>>;
}

/** Guests that get quick changes of their own: more would be a list nobody reads. */
const GUESTS_MAX = 8;
/** How much less or more RAM is offered: about a quarter, in whole MiB. */
const PART = 0.25;

/** "double build", "halve the hog (db)", "web with 8 MiB less", and the like. */
export function quickChanges(guests: readonly QuickGuest[]): QuickChange[] {
  const known = guests.filter(({ weight, targetPages }) => Number.isFinite(weight) && Number.isFinite(targetPages));
  const hog = hogOf(known);
  const found: QuickChange[] = [];
  if (hog !== null) found.push({ name: `halve the hog (${hog.guest.name})`, cells: weightOf(hog, hog.weight / 2) });
  if (known.some(({ weight }) => weight !== known[0]?.weight)) {
    const cells = Object.assign({}, ...known.map((one) => weightOf(one, 100))) as Record<string, string>;
    found.push({ name: 'all weights equal', cells });
  }
  for (const one of known.slice(0, GUESTS_MAX)) {
    const { name } = one.guest;
    found.push({ name: `double ${name}`, cells: weightOf(one, one.weight * 2) });
    const step = Math.max(1, Math.round((one.targetPages / PAGES_PER_MIB) * PART)) * PAGES_PER_MIB;
    for (const [pages, word] of [
      [one.targetPages - step, 'less'],
      [one.targetPages + step, 'more'],
    ] as const) {
      if (pages < one.guest.minPages || pages > one.guest.maxPages) continue;
      const key = `balloon-target ${one.guest.id}`;
      found.push({
        name: `${name} with ${step / PAGES_PER_MIB}${GAP}MiB ${word}`,
        cells: { [key]: targetText(pages) },
      });
    }
  }
  return found;
}

function weightOf({ guest }: QuickGuest, weight: number): Record<string, string> {
  return { [`weight ${guest.id}`]: weightText(Math.min(WEIGHT_MAX, Math.round(weight))) };
}

/** The guest for which most pages of others are evicted; null where nobody loses any, or there is nobody else. */
function hogOf(guests: readonly QuickGuest[]): QuickGuest | null {
  if (guests.length < 2) return null;
  const most = guests.reduce((a, b) => (b.caused > a.caused ? b : a));
  return most.caused > 0 && most.weight >= 2 ? most : null;
}
