import { ConsoleError } from '#contract/errors.ts';
import { CPU_CHOICES, DISK_CHOICES } from '#contract/studies.ts';
import { isPolicyName, POLICY_NAMES } from '#main/host/tmem/policies/index.ts';
import type { Alternative, StudyChange } from '#main/what-if/study.ts';
import { parsePages } from './units.ts';

/** A guest as alternatives name it. */
export interface NamedGuest {
  readonly id: number;
  readonly name: string;
}

export const ALTERNATIVE_HELP = `Alternatives are written NAME: SETTING=VALUE, SETTING=VALUE …
  GUEST.weight=400            weight of a guest, 0 to 65535
  GUEST.balloonTarget=512MiB  its balloon target (KiB, MiB, GiB, pages)
  GUEST.cap=512MiB            the most that it may have in precache, or none
  GUEST.removed=yes           the host without it
  policy=max-over-share       one of ${POLICY_NAMES.join(', ')}
  idleTax=0.75                0 to 0.999
  poolLimit=64MiB             the most that all guests may have stored
  hostSize=2GiB               RAM of the host
  disk=hdd                    its disks: ${DISK_CHOICES.join(', ')} (free: they take no time)
  cpu=old                     its CPU, for tmem's calls and copies: ${CPU_CHOICES.join(', ')}`;

/**
 * The alternatives of a command line, in their order.
 * @throws ConsoleError `bad-argument` with the place and the remedy of the first mistake
 */
export function parseAlternatives(texts: readonly string[], guests: readonly NamedGuest[]): Alternative[] {
  return texts.map((text, at) => parseAlternative(text, `--alt ${at + 1}`, guests));
}

function parseAlternative(text: string, place: string, guests: readonly NamedGuest[]): Alternative {
  const colon = text.indexOf(':');
  const name = (colon < 0 ? text : text.slice(0, colon)).trim();
  const settings = text.slice(colon + 1).trim();
  if (name === '' || settings === '') {
    throw wrong(place, `"${text}" has no ${name === '' ? 'name' : 'settings'}`, 'Write it as "NAME: web.weight=400".');
  }
  if (name.length > 64) throw wrong(place, 'its name is longer than 64 characters', 'Give it a shorter one.');
  return { name, changes: settings.split(',').map((part) => parseChange(part.trim(), place, guests)) };
}

function parseChange(text: string, place: string, guests: readonly NamedGuest[]): StudyChange {
  const equals = text.indexOf('=');
  if (equals < 0) throw wrong(place, `"${text}" is no SETTING=VALUE`, 'Write it like web.weight=400.');
  const key = text.slice(0, equals).trim();
  const value = text.slice(equals + 1).trim();
  const here = `${place}, "${text}"`;
  const dot = key.lastIndexOf('.');
  if (dot < 0) return hostChange(key, value, here);
  const guest = guests.find(({ name }) => name === key.slice(0, dot));
  if (guest === undefined) {
    const names = guests.map(({ name }) => name).join(', ');
    throw wrong(here, `there is no guest "${key.slice(0, dot)}"`, `The guests are ${names}.`);
  }
  return guestChange(guest.id, key.slice(dot + 1), value, here);
}

function guestChange(guestId: number, setting: string, value: string, here: string): StudyChange {
  switch (setting) {
    case 'weight':
      return { kind: 'weight', guestId, value: whole(value, 65_535, here) };
    case 'balloonTarget':
      return { kind: 'balloon-target', guestId, pages: pages(value, here) };
    case 'cap':
      return { kind: 'precache-cap', guestId, pages: value === 'none' ? null : pages(value, here) };
    case 'removed':
      if (value === 'yes' || value === 'true') return { kind: 'remove-guest', guestId };
      throw wrong(here, `"${value}" is not yes`, 'Write removed=yes, or leave it out.');
    default:
      throw wrong(
        here,
        `a guest has no setting "${setting}"`,
        'The settings of a guest are weight, balloonTarget, cap and removed.',
      );
  }
}

function hostChange(setting: string, value: string, here: string): StudyChange {
  switch (setting) {
    case 'policy':
      if (isPolicyName(value)) return { kind: 'policy', policy: value };
      throw wrong(here, `there is no policy "${value}"`, `The policies are ${POLICY_NAMES.join(', ')}.`);
    case 'idleTax': {
      const permille = Math.round(Number(value) * 1000);
      if (/^\d*\.?\d+$/.test(value) && permille <= 999) return { kind: 'idle-tax', permille };
      throw wrong(here, `"${value}" is no idle tax`, 'Give a number from 0 to 0.999.');
    }
    case 'poolLimit':
      return { kind: 'pool-limit', pages: pages(value, here) };
    case 'hostSize':
      return { kind: 'host-size', pages: pages(value, here) };
    case 'disk':
      return { kind: 'disk-class', disk: oneOf(DISK_CHOICES, value, here) };
    case 'cpu':
      return { kind: 'cpu-class', cpu: oneOf(CPU_CHOICES, value, here) };
    default:
      throw wrong(
        here,
        `the host has no setting "${setting}"`,
        'The settings are policy, idleTax, poolLimit, hostSize, disk and cpu; those of a guest are written GUEST.weight.',
      );
  }
}

function whole(value: string, most: number, here: string): number {
  if (/^\d{1,9}$/.test(value) && Number(value) <= most) return Number(value);
  throw wrong(here, `"${value}" is not a whole number from 0 to ${most}`, 'Give one.');
}

function oneOf<Name extends string>(names: readonly Name[], value: string, here: string): Name {
  const found = names.find((name) => name === value);
  if (found !== undefined) return found;
  throw wrong(here, `there is no "${value}"`, `There is ${names.join(', ')}.`);
}

function pages(value: string, here: string): number {
  const found = parsePages(value);
  if (found !== null) return found;
  throw wrong(here, `"${value}" is no size`, 'Write it like 512MiB, 1.5GiB or 4096pages.');
}

function wrong(place: string, what: string, remedy: string): ConsoleError {
  return new ConsoleError('bad-argument', `${place}: ${what}.`, remedy);
}
