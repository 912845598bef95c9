import { isDeepStrictEqual } from 'node:util';
import { type CostProfile, CPU_CLASSES, DISK_CLASSES, NO_COSTS } from '../host/costs.ts';
import type { Host } from '../host/host.ts';
import type { HostConfig } from '../host/host-config.ts';
import { isPolicyName } from '../host/tmem/policies/index.ts';
import type { HostStart } from './start-state.ts';
import type { Alternative, StudyChange, TimedCommand } from './study.ts';
import { StudyError } from './study-error.ts';

const WEIGHT_MAX = 65_535;
const TAX_MAX = 999;
const PAGES_MAX = 2 ** 40;

/** What an alternative is at its first moment: the start's settings with its changes. Guests by place. */
export interface Setting {
  readonly removed: readonly boolean[];
  readonly totalPages: number;
  readonly ephemeralLimit: number;
  readonly policy: HostConfig['policy'];
  readonly idleTaxPermille: number;
  readonly weights: readonly number[];
  readonly targetPages: readonly number[];
  /** The most ephemeral pages of each; Infinity: no cap. */
  readonly capPages: readonly number[];
  /** What operations cost, and whether that is not what they cost on the host. */
  readonly costs: CostProfile;
  readonly isRefitted: boolean;
  /** What was changed after the start and stays so here, in order of host time. */
  readonly commands: readonly TimedCommand[];
}

/** An alternative with the settings that it comes to. */
export interface NamedSetting {
  readonly name: string;
  readonly setting: Setting;
}

/** The settings that are in force at a start, and what was changed after it. */
export function settingAt(start: HostStart, config: HostConfig, commands: readonly TimedCommand[] = []): Setting {
  const { store } = start;
  return {
    removed: start.guests.map((guest) => !guest.present),
    totalPages: store.heapPages + config.reservedPages,
    ephemeralLimit: store.ephemeralLimit,
    policy: store.policyName,
    idleTaxPermille: store.idleTaxPermille,
    weights: start.guests.map((guest) => guest.weight),
    targetPages: start.guests.map((guest) => guest.targetPages),
    capPages: start.guests.map((guest) => guest.capPages),
    costs: config.costs ?? NO_COSTS,
    isRefitted: false,
    commands,
  };
}

/**
 * The settings of an alternative.
 * @throws StudyError `bad-study` with the alternative's name for a change that the host would refuse
 */
export function settingOf(
  alternative: Alternative,
  start: HostStart,
  config: HostConfig,
  recorded: readonly TimedCommand[] = [],
): Setting {
  const today = settingAt(start, config, recorded);
  const weights = [...today.weights];
  const targetPages = [...today.targetPages];
  const capPages = [...today.capPages];
  const removed = [...today.removed];
  let { totalPages, ephemeralLimit, policy, idleTaxPermille, costs } = today;
  const refuse = (sentence: string, remedy: string): never => {
    throw new StudyError('bad-study', `In the alternative "${alternative.name}": ${sentence}`, remedy);
  };
  const placeOf = (id: number): number => {
    const place = start.guests.findIndex((guest) => guest.id === id && guest.present);
    return place >= 0 ? place : refuse(`there is no guest ${id} at the start.`, 'Name a guest of the host.');
  };
  const whole = (what: string, value: number, least: number, most: number): number =>
    Number.isInteger(value) && value >= least && value <= most
      ? value
      : refuse(`${what} ${value} is not a whole number from ${least} to ${most}.`, 'Give one.');
  const set = (change: StudyChange): void => {
    switch (change.kind) {
      case 'weight':
        weights[placeOf(change.guestId)] = whole('the weight', change.value, 0, WEIGHT_MAX);
        break;
      case 'balloon-target': {
        const place = placeOf(change.guestId);
        const { minPages, maxPages } = config.guests[place];
        targetPages[place] = whole('the balloon target', change.pages, minPages, maxPages);
        break;
      }
      case 'precache-cap':
        capPages[placeOf(change.guestId)] =
          change.pages === null ? Infinity : whole('the precache cap', change.pages, 0, PAGES_MAX);
        break;
      case 'policy':
        policy = isPolicyName(change.policy)
          ? change.policy
          : refuse(`there is no policy "${String(change.policy)}".`, 'Name one that the host has.');
        break;
      case 'idle-tax':
        idleTaxPermille = whole('the idle tax in thousandths', change.permille, 0, TAX_MAX);
        break;
      case 'pool-limit':
        ephemeralLimit = whole('the pool limit', change.pages, 0, PAGES_MAX);
        break;
      case 'host-size':
        totalPages = whole('the host size', change.pages, 0, PAGES_MAX);
        break;
      case 'remove-guest':
        removed[placeOf(change.guestId)] = true;
        break;
      case 'cpu-class':
        costs = { ...costs, cpu: change.cpu === 'free' ? NO_COSTS.cpu : CPU_CLASSES[change.cpu] };
        break;
      case 'disk-class': {
        const disk = change.disk === 'free' ? NO_COSTS.disks[0] : DISK_CLASSES[change.disk];
        costs = { ...costs, disks: costs.disks.map(() => disk) };
        break;
      }
    }
  };
  for (const change of alternative.changes) set(change);
  const taken = start.guests.reduce((sum, guest, place) => sum + (removed[place] ? 0 : guest.ramPages), 0);
  const least = config.reservedPages + taken + start.store.persistentPages;
  if (totalPages < least) {
    refuse(
      `a host of ${totalPages} pages is too small for its reserve and the guests' RAM, ${least} pages together.`,
      'Make the guests smaller first.',
    );
  }
  const commands = recorded.filter(({ change }) => !alternative.changes.some((own) => overrules(own, change)));
  return {
    ...{ removed, totalPages, ephemeralLimit, policy, idleTaxPermille, weights, targetPages, capPages },
    ...{ costs, isRefitted: !isDeepStrictEqual(costs, today.costs), commands },
  };
}

/** Whether a guest that stays has a cap under a setting. */
export function isCapped({ removed, capPages }: Setting): boolean {
  return capPages.some((pages, place) => pages !== Infinity && !removed[place]);
}

/** Whether only full runs know what a setting does. */
export function isForFullRuns(setting: Setting): boolean {
  return setting.isRefitted || isCapped(setting);
}

/** The same of changes that are not checked yet. */
export function areForFullRuns(changes: readonly Pick<StudyChange, 'kind'>[]): boolean {
  return changes.some(({ kind }) => kind === 'precache-cap' || kind === 'cpu-class' || kind === 'disk-class');
}

/** Whether a change of an alternative leaves a recorded one without effect: the same knob, or the guest is gone. */
function overrules(own: StudyChange, recorded: TimedCommand['change']): boolean {
  const guestOf = (change: StudyChange | TimedCommand['change']): number | null =>
    'guestId' in change ? change.guestId : null;
  return guestOf(own) === guestOf(recorded) && (own.kind === recorded.kind || own.kind === 'remove-guest');
}

/** Makes a recorded change in a host that is at its time. */
export function applyCommand(host: Host, { change }: TimedCommand): void {
  switch (change.kind) {
    case 'weight':
      host.setWeight(change.guestId, change.value);
      break;
    case 'balloon-target':
      host.setBalloonTarget(change.guestId, change.pages);
      break;
    case 'precache-cap':
      host.setCap(change.guestId, change.pages ?? Infinity);
      break;
    case 'policy':
      host.setPolicy(change.policy, host.settings.idleTaxPermille);
      break;
    case 'idle-tax':
      host.setPolicy(host.settings.policy, change.permille);
      break;
    case 'pool-limit':
      host.setEphemeralLimit(change.pages);
      break;
    case 'host-size':
      host.setTotalPages(change.pages);
      break;
    case 'remove-guest':
      host.removeGuest(change.guestId);
      break;
    case 'flush-precache':
      host.flushGuest(change.guestId);
      break;
  }
}

/**
 * Puts a host that is at the start into a setting, in the order that all engines keep: guests that go, policy, weights,
 * caps, host, pool (which may evict at once, under the new policy and weights), targets. What does not differ from today is not touched.
 */
export function applySetting(host: Host, ids: readonly number[], today: Setting, setting: Setting): void {
  ids.forEach((id, place) => {
    if (setting.removed[place] && !today.removed[place]) host.removeGuest(id);
  });
  if (setting.policy !== today.policy || setting.idleTaxPermille !== today.idleTaxPermille) {
    host.setPolicy(setting.policy, setting.idleTaxPermille);
  }
  const staying = ids.flatMap((id, place) => (setting.removed[place] ? [] : [{ id, place }]));
  for (const { id, place } of staying) {
    if (setting.weights[place] !== today.weights[place]) host.setWeight(id, setting.weights[place]);
  }
  for (const { id, place } of staying) {
    if (setting.capPages[place] !== today.capPages[place]) host.setCap(id, setting.capPages[place]);
  }
  if (setting.totalPages !== today.totalPages) host.setTotalPages(setting.totalPages);
  if (setting.ephemeralLimit !== today.ephemeralLimit) host.setEphemeralLimit(setting.ephemeralLimit);
  for (const { id, place } of staying) {
    if (setting.targetPages[place] !== today.targetPages[place]) {
      host.setBalloonTarget(id, setting.targetPages[place]);
    }
  }
}
