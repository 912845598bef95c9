import type { Host } from '#main/host/host.ts';
import { GUEST, GUEST_WIDTH } from '#main/host/sample-columns.ts';

/** Disk reads of each guest since samples were last taken of this host. */
export function takeDiskReads(host: Host): number[] {
  const { guests } = host.takeSamples();
  return host.guestIds.map((_, place) => {
    let reads = 0;
    for (let at = place * GUEST_WIDTH; at < guests.length; at += host.guestIds.length * GUEST_WIDTH) {
      reads += guests[at + GUEST.diskReads] ?? NaN;
    }
    return reads;
  });
}
