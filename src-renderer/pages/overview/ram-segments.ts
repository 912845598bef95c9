import { newestValue } from '../../charts/window-series.ts';
import { mib, pages as pagesText, percent } from '../../format.ts';
import type { ShownGuest } from '../../stores/host.ts';
import type { SampleRing } from '../../stores/sample-ring.ts';

/** A part of the host's RAM. */
export interface RamSegment {
  readonly key: string;
  readonly kind: 'reserved' | 'guest' | 'ephemeral' | 'persistent' | 'fallow';
  readonly label: string;
  /** What it means for an administrator. */
  readonly meaning: string;
  /** Colour of the guest, for its RAM and its ephemeral pages. */
  readonly colour: number | null;
  readonly pages: number;
  /** Part of all RAM, from 0 to 1. */
  readonly part: number;
}

/** The host's RAM, without remainder: reserved, each guest's RAM, each guest's ephemeral pages, persistent, fallow. */
export function ramSegments(ring: SampleRing, guests: readonly ShownGuest[]): RamSegment[] {
  type Column = 'totalPages' | 'reservedPages' | 'ephemeralPages' | 'persistentPages' | 'fallowPages';
  const host = (column: Column): number => newestValue(ring, { guestId: null, column });
  const ephemeralOf = ({ id }: ShownGuest): number => newestValue(ring, { guestId: id, column: 'ephemeralPages' });
  const stored = guests.reduce((sum, guest) => sum + (ephemeralOf(guest) || 0), 0);
  // Packed pages take less memory than there are of them: it is shown in the proportion of the pages.
  const memoryOfPage = stored > 0 ? host('ephemeralPages') / stored : 1;
  const total = host('totalPages');
  if (!(total > 0)) return [];
  const segment = (part: Omit<RamSegment, 'part'>): RamSegment => ({ ...part, part: part.pages / total });
  return [
    segment({
      key: 'reserved',
      kind: 'reserved',
      label: 'Reserved',
      meaning: 'kept by the host for itself',
      colour: null,
      pages: host('reservedPages'),
    }),
    ...guests.map((guest) =>
      segment({
        key: `guest ${guest.id}`,
        kind: 'guest',
        label: guest.name,
        meaning: 'RAM of the guest',
        colour: guest.colour,
        pages: newestValue(ring, { guestId: guest.id, column: 'ramPages' }),
      }),
    ),
    ...guests.map((guest) =>
      segment({
        key: `ephemeral ${guest.id}`,
        kind: 'ephemeral',
        label: `${guest.name} ephemeral`,
        meaning: 'loaned, can be repossessed at any time',
        colour: guest.colour,
        pages: ephemeralOf(guest) * memoryOfPage,
      }),
    ),
    segment({
      key: 'persistent',
      kind: 'persistent',
      label: 'Persistent',
      meaning: 'preswap, billed to the guests and kept until they flush it',
      colour: null,
      pages: host('persistentPages'),
    }),
    segment({
      key: 'fallow',
      kind: 'fallow',
      label: 'Fallow',
      meaning: 'held by nobody',
      colour: null,
      pages: host('fallowPages'),
    }),
  ];
}

/** "build ephemeral: 12.6 MiB, 3,226 pages, 24.6 % of host RAM; loaned, can be repossessed at any time". */
export function segmentText(segment: RamSegment): string {
  const { label, pages, part, meaning } = segment;
  return `${label}: ${mib(pages)}, ${pagesText(pages)}, ${percent(part)} of host RAM; ${meaning}`;
}
