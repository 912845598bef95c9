import { GUEST_COLUMNS, HOST_COLUMNS } from '#contract/samples.ts';
import type { GuestColumn, HostColumn } from '#contract/samples.ts';
import type { SampleRing } from '#renderer/stores/sample-ring.ts';

/** Rows of samples in which only the named columns are not zero. */
function hostRow(values: Partial<Record<HostColumn, number>>): Float64Array {
  return Float64Array.from(HOST_COLUMNS, (column) => values[column] ?? 0);
}

function guestRow(values: Partial<Record<GuestColumn, number>>): Float64Array {
  return Float64Array.from(GUEST_COLUMNS, (column) => values[column] ?? 0);
}

/** Writes one second into a ring: the host's columns, and each guest's in the ring's order. */
export function write(
  ring: SampleRing,
  second: number,
  host: Partial<Record<HostColumn, number>>,
  ...guests: Partial<Record<GuestColumn, number>>[]
): void {
  const rows = Float64Array.from(guests.flatMap((guest) => [...guestRow(guest)]));
  ring.write(second, hostRow({ totalPages: 1, ...host }), 0, rows, 0);
}

/** Guests as the pages show them, with ids from 1. */
export function shownGuests(...names: string[]) {
  return names.map((name, at) => ({
    id: at + 1,
    name,
    workload: `runs ${name}`,
    minPages: 256,
    maxPages: 25_600,
    colour: at + 1,
    dash: at + 1,
  }));
}
