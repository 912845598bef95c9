import { IdleUse } from '#main/host/tmem/idle-use.ts';
import type { PolicyName } from '#main/host/tmem/policies/index.ts';
import type { GuestOutcome } from '#main/host/replay/pool-replay.ts';

/** A scenario as the reference takes it. */
export interface PlainScenario {
  readonly guests: readonly {
    readonly pages: readonly number[];
    readonly timesUs: readonly number[];
    readonly ramPages: number;
    readonly weight: number;
  }[];
  readonly poolPages: number;
  readonly policy: PolicyName;
  readonly interleave: 'time' | 'round-robin';
  readonly idleTax?: number;
}

interface Guest {
  readonly cache: number[]; // Oldest first.
  used: number;
  hitsOfSecond: number;
  outcome: { -readonly [K in keyof GuestOutcome]: number };
}

interface PooledPage {
  readonly guest: number;
  readonly page: number;
}

/** The replay as its definition reads, written for reading: lists, searches and copies throughout. */
export function plainReplay(scenario: PlainScenario): GuestOutcome[] {
  const { poolPages } = scenario;
  const guests = scenario.guests.map<Guest>(() => ({ cache: [], used: 0, hitsOfSecond: 0, outcome: emptyOutcome() }));
  const pool: PooledPage[] = []; // Oldest first.
  const held = (guest: number): number => pool.filter((page) => page.guest === guest).length;
  let secondsPassed = 0;
  for (const { guest: number, page, second } of inOrder(scenario)) {
    const guest = guests[number];
    const settings = scenario.guests[number];
    if (!guest || !settings) throw new Error('No such guest.');
    const { cache, outcome } = guest;
    outcome.accesses++;
    const cached = cache.indexOf(page);
    if (cached >= 0) {
      outcome.cacheHits++;
      cache.splice(cached, 1);
      cache.push(page);
      continue;
    }
    // Use is judged when the pool is asked: the seconds that passed since the last time count then.
    for (; secondsPassed < second; secondsPassed++) {
      for (const each of guests) {
        each.used = new IdleUse(10).next(each.used, each.hitsOfSecond);
        each.hitsOfSecond = 0;
      }
    }
    const pooled = pool.findIndex((entry) => entry.guest === number && entry.page === page);
    if (pooled >= 0) {
      outcome.precacheHits++;
      guest.hitsOfSecond++;
      pool.splice(pooled, 1);
    } else {
      outcome.diskReads++;
    }
    cache.push(page);
    if (cache.length <= settings.ramPages) continue;
    const oldest = cache.shift() ?? -1;
    outcome.puts++;
    if (poolPages === 0) continue;
    if (pool.length >= poolPages) {
      const uses = guests.map((each) => each.used);
      const at = victim(scenario, number, pool, guests.map((_, each) => held(each)), uses); // prettier-ignore
      const [gone] = pool.splice(at, 1);
      const loser = guests[gone?.guest ?? -1];
      if (gone?.guest === number) outcome.evictedBySelf++;
      else if (loser) loser.outcome.evictedByOthers++;
    }
    pool.push({ guest: number, page: oldest });
  }
  guests.forEach(({ outcome }, guest) => (outcome.residentPages = held(guest)));
  return guests.map(({ outcome }) => outcome);
}

/** The place in the pool of the page that is to go. */
function victim(
  { guests, policy, poolPages, idleTax = 0 }: PlainScenario,
  requester: number,
  pool: readonly PooledPage[],
  held: readonly number[],
  used: readonly number[],
): number {
  const weights = guests.map(({ weight }) => weight);
  const oldestOf = (guest: number): number => pool.findIndex((page) => page.guest === guest);
  if (policy === 'fifo') return 0;
  if (policy === 'max-over-share') {
    const equal = weights.every((weight) => weight === 0);
    let most = -1;
    let mostCharge = -1;
    held.forEach((pages, guest) => {
      if (pages === 0) return;
      const effective = Math.min(1, (used[guest] ?? 0) / pages);
      const tax = effective + (1 / (1 - idleTax)) * (1 - effective);
      const weight = equal ? 1 : (weights[guest] ?? 0);
      const charge = weight === 0 ? pages * 1e12 : (pages * tax) / weight;
      // Weight 0 goes first, by pages only. Sums of fractions are compared with room for their rounding.
      if (charge > mostCharge * (1 + 1e-9)) {
        most = guest;
        mostCharge = charge;
      }
    });
    return oldestOf(most);
  }
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const pages = held[requester] ?? 0;
  const weight = weights[requester] ?? 0;
  if (total === 0 || weight === 0 || pages === 0) return 0;
  const left = Math.floor((100 * poolPages) / pages);
  const right = Math.floor((100 * total) / weight);
  const own = policy === 'xen-shipped' ? left > right : left < right;
  return own ? oldestOf(requester) : 0;
}

/** All accesses in the order of the interleaving, with the second in which each falls. */
function* inOrder({ guests, interleave }: PlainScenario): Generator<{ guest: number; page: number; second: number }> {
  const at = guests.map(() => 0);
  const latest = guests.map(() => 0);
  for (let round = 0; ; round++) {
    const waiting = guests.flatMap(({ pages }, guest) => ((at[guest] ?? 0) < pages.length ? [guest] : []));
    if (waiting.length === 0) return;
    const timeOf = (guest: number): number => guests[guest]?.timesUs[at[guest] ?? 0] ?? 0;
    const [first] = interleave === 'time' ? waiting.sort((a, b) => timeOf(a) - timeOf(b) || a - b) : [];
    for (const guest of first === undefined ? waiting : [first]) {
      const index = at[guest] ?? 0;
      latest[guest] = Math.max(latest[guest] ?? 0, timeOf(guest));
      const second = interleave === 'time' ? Math.floor((latest[guest] ?? 0) / 1e6) : Math.floor(round / 1000);
      yield { guest, page: guests[guest]?.pages[index] ?? 0, second };
      at[guest] = index + 1;
    }
  }
}

function emptyOutcome(): Guest['outcome'] {
  return {
    accesses: 0,
    cacheHits: 0,
    precacheHits: 0,
    diskReads: 0,
    puts: 0,
    evictedBySelf: 0,
    evictedByOthers: 0,
    residentPages: 0,
  };
}
