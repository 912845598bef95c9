import type { NamedSetting, Setting } from './changes.ts';
import { distanceAssumptions, runDistances } from './distances.ts';
import { runFull } from './full.ts';
import { PreparedStudy } from './prepared-study.ts';
import { Slices } from './slices.ts';
import type { AlternativeOutcome, StudyOptions, StudyStart } from './study.ts';
import { StudyError } from './study-error.ts';

export interface SpareRequest {
  readonly start: StudyStart;
  readonly horizonMs: number;
  /** Disk reads per access by which no guest may be worse, 0 or more. */
  readonly worse: number;
}

export interface SpareResult {
  /** RAM of the host today, and the least with which no guest is worse by more; in pages. */
  readonly hostPages: number;
  readonly leastPages: number;
  readonly today: AlternativeOutcome;
  readonly least: AlternativeOutcome;
}

/** Sizes are told apart in this many steps between the smallest possible and today's. */
const STEPS = 256;

/**
 * How much RAM the host could do without: the smallest host in which no guest reads the disk more by more than is allowed,
 * found by halving. Every size was run exactly, the result's too. More memory serves LRU guests under max-over-share never worse;
 * where a policy is not so orderly there may be a smaller host yet.
 * @throws StudyError `bad-study`, `cancelled`
 */
export async function spareRam(
  { start, horizonMs, worse }: SpareRequest,
  options: StudyOptions = {},
): Promise<SpareResult> {
  if (!(worse >= 0 && worse <= 1)) {
    throw new StudyError(
      'bad-study',
      `${worse} disk reads per access are not from 0 to 1.`,
      'Give a number from 0 to 1.',
    );
  }
  const study = new PreparedStudy(start, horizonMs);
  const { setting } = study.settingOf({ name: 'as it is', changes: [] });
  const guestPages = study.parts.guests.reduce((sum, { ramPages }, place) => {
    return sum + Math.max(ramPages, setting.removed[place] ? 0 : setting.targetPages[place]);
  }, 0);
  const floor = study.config.reservedPages + guestPages + study.parts.store.persistentPages;
  const slices = new Slices(options);
  const runs = Math.ceil(Math.log2(STEPS)) + 2;
  let done = 0;
  const at = async (totalPages: number, name: string): Promise<AlternativeOutcome> => {
    const part = slices.part(Math.min(1, done / runs), Math.min(1, ++done / runs));
    return runExactly(study, { name, setting: { ...setting, totalPages } }, part);
  };
  const today = await at(setting.totalPages, 'as it is');
  const isGood = ({ guests }: AlternativeOutcome): boolean =>
    guests.every(({ accesses, diskReads }, place) => {
      const before = today.guests[place];
      return accesses === 0 || diskReads / accesses <= before.diskReads / before.accesses + worse;
    });
  let low = Math.min(floor, setting.totalPages) - 1;
  let high = setting.totalPages;
  let least = today;
  const quantum = Math.max(1, Math.floor((high - low) / STEPS));
  while (high - low > quantum) {
    const middle = Math.max(floor, Math.floor((low + high) / 2));
    const outcome = await at(middle, 'smaller host');
    if (isGood(outcome)) {
      high = middle;
      least = outcome;
      if (middle === floor) break;
    } else {
      low = middle;
    }
  }
  options.onProgress?.(1);
  return { hostPages: setting.totalPages, leastPages: high, today, least };
}

/** The cheapest run that is exact. */
async function runExactly(study: PreparedStudy, named: NamedSetting, slices: Slices): Promise<AlternativeOutcome> {
  const { parts, config, start, horizonMs } = study;
  const { setting }: { readonly setting: Setting } = named;
  if (!distanceAssumptions(parts, setting).every(({ held }) => held)) {
    return runFull(start, parts, named, horizonMs, slices);
  }
  const tape = await study.tape([setting], slices.part(0, 0.5));
  return runDistances(tape, parts, config, named, slices.part(0.5, 1));
}
