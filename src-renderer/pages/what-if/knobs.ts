import { type HostDescription, POLICIES } from '#contract/model.ts';
import { CPU_CHOICES, DISK_CHOICES, type Knob, type StudyChange } from '#contract/studies.ts';
import { mibToPages, pagesToMib } from '#contract/units.ts';
import { count, GAP, mib, tick } from '../../format.ts';
import type { ShownGuest } from '../../stores/host.ts';
import type { SettingKind } from '../../stores/staged-change.ts';
import { limitText, parseLimit, parseTarget, parseWeight, targetText, weightText } from '../guests/parse-setting.ts';

/** A setting that an alternative may give another value: a row of the table. */
export interface KnobRow {
  readonly key: string;
  readonly label: string;
  /** Written behind the field. */
  readonly unit: string;
  readonly kind: StudyChange['kind'];
  readonly guest: ShownGuest | null;
  /** Today's setting as it stands in a field; '' where there is none (no limit, not removed). */
  readonly today: string;
  /** The same for a person. */
  readonly todayText: string;
  /** The values of a choice; null: typed. */
  readonly choices: readonly { readonly value: string; readonly label: string }[] | null;
}

/** What was typed into a cell, read: a change, none (as today), or why not. */
export type CellReading =
  { readonly ok: true; readonly change: StudyChange | null } | { readonly ok: false; readonly sentence: string };

const POLICY_LABELS: Readonly<Record<(typeof POLICIES)[number], string>> = {
  fifo: 'FIFO',
  'xen-shipped': 'Xen, shipped',
  'xen-documented': 'Xen, documented',
  'max-over-share': 'max over share',
};
const CPU_LABELS: Readonly<Record<(typeof CPU_CHOICES)[number], string>> = {
  free: 'takes no time',
  modern: 'modern',
  old: 'old, one core',
};
const DISK_LABELS: Readonly<Record<(typeof DISK_CHOICES)[number], string>> = {
  free: 'take no time',
  nvme: 'NVMe',
  'sata-ssd': 'SATA SSD',
  hdd: 'hard disk',
};
/** Hardware stays as it is unless another is chosen. */
const AS_IT_IS = { value: '', label: 'as it is' };
const MIB_MAX = 1_048_576;

/** The rows in their order: weights, balloon targets, caps, then the host's. */
export function knobRows(
  guests: readonly ShownGuest[],
  description: HostDescription,
  setting: (kind: SettingKind, guestId: number) => number,
): KnobRow[] {
  const weights = guests.map((guest): KnobRow => {
    const today = weightText(setting('weight', guest.id));
    const about = { label: `${guest.name} weight`, unit: '', kind: 'weight', guest, choices: null } as const;
    return { key: `weight ${guest.id}`, ...about, today, todayText: today };
  });
  const targets = guests.map((guest): KnobRow => {
    const pages = setting('balloon-target', guest.id);
    const about = { label: `${guest.name} balloon target`, unit: 'MiB', kind: 'balloon-target', guest, choices: null };
    return { key: `balloon-target ${guest.id}`, ...about, today: targetText(pages), todayText: mib(pages) } as KnobRow;
  });
  const caps = guests.map((guest): KnobRow => {
    const pages = setting('precache-cap', guest.id);
    const about = {
      label: `${guest.name} precache cap`,
      unit: 'MiB',
      kind: 'precache-cap',
      guest,
      choices: null,
    } as const;
    const todayText = pages === Infinity ? 'none' : mib(pages);
    return { key: `precache-cap ${guest.id}`, ...about, today: limitText(pages), todayText };
  });
  const presence = guests.map((guest): KnobRow => ({
    key: `remove-guest ${guest.id}`,
    label: `${guest.name} on this host`,
    unit: '',
    kind: 'remove-guest',
    guest,
    today: '',
    todayText: 'yes',
    choices: [
      { value: '', label: 'yes' },
      { value: 'removed', label: 'removed' },
    ],
  }));
  const { policy, idleTaxPermille, totalPages, poolLimitPages } = description;
  const host: KnobRow[] = [
    {
      ...{ key: 'policy', label: 'Eviction policy', unit: '', kind: 'policy', guest: null, today: policy },
      todayText: POLICY_LABELS[policy],
      choices: POLICIES.map((value) => ({ value, label: POLICY_LABELS[value] })),
    },
    {
      ...{ key: 'idle-tax', label: 'Idle tax', unit: '', kind: 'idle-tax', guest: null, choices: null },
      ...{ today: taxText(idleTaxPermille), todayText: taxText(idleTaxPermille) },
    },
    {
      ...{ key: 'pool-limit', label: 'Pool limit', unit: 'MiB', kind: 'pool-limit', guest: null, choices: null },
      ...(poolLimitPages === null
        ? { today: '', todayText: 'none' }
        : { today: targetText(poolLimitPages), todayText: mib(poolLimitPages) }),
    },
    {
      ...{ key: 'host-size', label: 'Host RAM', unit: 'MiB', kind: 'host-size', guest: null, choices: null },
      ...{ today: targetText(totalPages), todayText: mib(totalPages) },
    },
    {
      ...{ key: 'disk-class', label: 'Disks', unit: '', kind: 'disk-class', guest: null, today: '' },
      todayText: AS_IT_IS.label,
      choices: [AS_IT_IS, ...DISK_CHOICES.map((value) => ({ value, label: DISK_LABELS[value] }))],
    },
    {
      ...{ key: 'cpu-class', label: 'CPU, for tmem’s calls', unit: '', kind: 'cpu-class', guest: null, today: '' },
      todayText: AS_IT_IS.label,
      choices: [AS_IT_IS, ...CPU_CHOICES.map((value) => ({ value, label: CPU_LABELS[value] }))],
    },
  ];
  return [...weights, ...targets, ...caps, ...host, ...presence];
}

/** A tax in thousandths as it is typed: "0.75". */
function taxText(permille: number): string {
  return String(permille / 1000);
}

/** Reads a cell. What says the same as today changes nothing. */
export function readCell(row: KnobRow, text: string): CellReading {
  if (text === row.today) return { ok: true, change: null };
  switch (row.kind) {
    case 'weight': {
      const read = parseWeight(text);
      if (!read.ok || row.guest === null) return refused(read);
      return { ok: true, change: { kind: 'weight', guestId: row.guest.id, value: read.value } };
    }
    case 'balloon-target': {
      if (row.guest === null) return { ok: true, change: null };
      const read = parseTarget(text, row.guest.minPages, row.guest.maxPages);
      return read.ok
        ? { ok: true, change: { kind: 'balloon-target', guestId: row.guest.id, pages: read.value } }
        : refused(read);
    }
    case 'precache-cap': {
      const read = parseLimit(text, 'a precache cap');
      if (!read.ok || row.guest === null) return refused(read);
      const pages = read.value === Infinity ? null : read.value;
      // "NONE" and an empty field say the same as "none" today.
      const change = limitText(read.value) === row.today ? null : { kind: row.kind, guestId: row.guest.id, pages };
      return { ok: true, change };
    }
    case 'policy': {
      const policy = POLICIES.find((name) => name === text);
      return policy === undefined
        ? { ok: false, sentence: 'Choose a policy.' }
        : { ok: true, change: { kind: 'policy', policy } };
    }
    case 'idle-tax': {
      const permille = Math.round(Number(text) * 1000);
      return /^(0|1)?(\.[0-9]{1,3})?$/.test(text) && /[0-9]/.test(text) && permille <= 999
        ? { ok: true, change: { kind: 'idle-tax', permille } }
        : { ok: false, sentence: 'Type an idle tax from 0 to 0.999, with at most three decimals.' };
    }
    case 'pool-limit':
    case 'host-size': {
      const isSize = /^[0-9]{1,7}(\.[0-9])?$/.test(text) && Number(text) <= MIB_MAX;
      return isSize
        ? { ok: true, change: { kind: row.kind, pages: mibToPages(Number(text)) } }
        : { ok: false, sentence: `Type a size in MiB from 0 to ${count(MIB_MAX)}, at most one decimal.` };
    }
    case 'remove-guest':
      return { ok: true, change: row.guest === null ? null : { kind: 'remove-guest', guestId: row.guest.id } };
    case 'disk-class': {
      const disk = DISK_CHOICES.find((name) => name === text);
      return disk === undefined
        ? { ok: false, sentence: 'Choose disks.' }
        : { ok: true, change: { kind: 'disk-class', disk } };
    }
    case 'cpu-class': {
      const cpu = CPU_CHOICES.find((name) => name === text);
      return cpu === undefined
        ? { ok: false, sentence: 'Choose a CPU.' }
        : { ok: true, change: { kind: 'cpu-class', cpu } };
    }
  }
}

function refused(read: { readonly ok: boolean; readonly sentence?: string }): CellReading {
  return { ok: false, sentence: read.sentence ?? 'It cannot be read.' };
}

/** What stands in the cells of an alternative that makes these changes. */
export function cellsOf(changes: readonly StudyChange[]): Record<string, string> {
  return Object.fromEntries(
    changes.map((change): [string, string] => {
      switch (change.kind) {
        case 'weight':
          return [`weight ${change.guestId}`, weightText(change.value)];
        case 'balloon-target':
          return [`balloon-target ${change.guestId}`, targetText(change.pages)];
        case 'precache-cap':
          return [`precache-cap ${change.guestId}`, limitText(change.pages ?? Infinity)];
        case 'policy':
          return ['policy', change.policy];
        case 'idle-tax':
          return ['idle-tax', taxText(change.permille)];
        case 'pool-limit':
        case 'host-size':
          return [change.kind, targetText(change.pages)];
        case 'remove-guest':
          return [`remove-guest ${change.guestId}`, 'removed'];
        case 'disk-class':
          return [change.kind, change.disk];
        case 'cpu-class':
          return [change.kind, change.cpu];
      }
    }),
  );
}

/** A knob that curves are drawn over, in words: "build weight". */
export function knobLabel(knob: Knob, guests: readonly ShownGuest[]): string {
  const name = 'guestId' in knob ? (guests.find(({ id }) => id === knob.guestId)?.name ?? `guest ${knob.guestId}`) : '';
  switch (knob.kind) {
    case 'weight':
      return `${name} weight`;
    case 'balloon-target':
      return `${name} balloon target`;
    case 'idle-tax':
      return 'idle tax';
    case 'pool-limit':
      return 'pool limit';
    case 'host-size':
      return 'host RAM';
  }
}

/** A value of a knob with its unit. */
export function knobValue(knob: Knob, value: number): string {
  if (knob.kind === 'weight') return count(value);
  if (knob.kind === 'idle-tax') return taxText(value);
  return mib(value).replace(`.0${GAP}`, GAP);
}

/** A value of a knob as the axis of a chart has it: memory in MiB. */
export function knobNumber(knob: Knob, value: number): number {
  if (knob.kind === 'weight') return value;
  return knob.kind === 'idle-tax' ? value / 1000 : pagesToMib(value);
}

/** A place on such an axis with its unit. */
export function knobNumberText(knob: Knob, number: number): string {
  if (knob.kind === 'weight') return count(number);
  if (knob.kind === 'idle-tax') return String(Math.round(number * 1000) / 1000);
  return `${tick(number, Number.isInteger(number) ? 1 : 0.1)}${GAP}MiB`;
}

export function knobKey(knob: Knob): string {
  return 'guestId' in knob ? `${knob.kind} ${knob.guestId}` : knob.kind;
}
