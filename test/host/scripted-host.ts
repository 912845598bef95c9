import { Host } from '#main/host/host.ts';
import { type GuestConfig, type HostConfig, NO_PACE, NO_TRACE } from '#main/host/host-config.ts';
import { GUEST, GUEST_WIDTH, HOST, HOST_WIDTH } from '#main/host/sample-columns.ts';
import { ScriptedWorkload, type Step } from './scripted-workload.ts';

/** A guest that runs a script; 1,000 operations a second where they take no time. */
export function scripted(
  id: number,
  steps: readonly Step[],
  config: Partial<GuestConfig> & { readonly filePages?: number; readonly anonPages?: number; readonly gapNs?: number },
): GuestConfig {
  const { filePages = 400, anonPages = 400, gapNs = 1_000_000, ...rest } = config;
  const ramPages = rest.ramPages ?? 100;
  return {
    id,
    name: `guest-${id}`,
    trace: NO_TRACE,
    pace: NO_PACE,
    workload: { kind: 'made', make: () => new ScriptedWorkload(filePages, anonPages, steps, gapNs) },
    ramPages,
    minPages: 0,
    maxPages: ramPages,
    weight: 100,
    ...rest,
  };
}

/** A host of these guests, with so many pages to spare. */
export function hostOf(guests: readonly GuestConfig[], fallow: number, config: Partial<HostConfig> = {}): Host {
  return new Host({
    seed: 1,
    totalPages: 10 + fallow + guests.reduce((sum, { ramPages }) => sum + ramPages, 0),
    reservedPages: 10,
    policy: 'max-over-share',
    idleTaxPermille: 0,
    idleTaxWindowS: 10,
    balloonPagesPerS: 1_000,
    guests,
    ...config,
  });
}

/** Runs the host on, and reads its samples: sums over these seconds of a guest's column, and last values. */
export function observe(host: Host, ms: number) {
  host.runTo(host.hostMs + ms);
  const batch = host.takeSamples();
  const guests = host.guestIds.length;
  const value = (second: number, place: number, column: keyof typeof GUEST): number =>
    batch.guests[(second * guests + place) * GUEST_WIDTH + GUEST[column]] ?? NaN;
  const seconds = Array.from({ length: batch.seconds }, (_, second) => second);
  return {
    sum: (column: keyof typeof GUEST, place = 0): number =>
      seconds.reduce((total, second) => total + value(second, place, column), 0),
    last: (column: keyof typeof GUEST, place = 0): number => value(batch.seconds - 1, place, column),
    each: (column: keyof typeof GUEST, place = 0): number[] => seconds.map((second) => value(second, place, column)),
    hostEach: (column: keyof typeof HOST): number[] =>
      seconds.map((second) => batch.host[second * HOST_WIDTH + HOST[column]] ?? NaN),
  };
}

/** The same operation on pages from `first` on, one by one. */
export function sweep(operation: Step[0], first: number, count: number): Step[] {
  return Array.from({ length: count }, (_, at) => [operation, first + at] as const);
}
