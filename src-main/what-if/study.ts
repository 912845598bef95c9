import type { CpuClassName, DiskClassName } from '../host/costs.ts';
import type { HostConfig } from '../host/host-config.ts';
import type { StateEntry } from '../host/state.ts';

/**
 * - `replay`: covers time that is recorded, or that a scenario decides; it may know what happens.
 * - `forecast`: uses only what was seen before its start; the last stretch of the same length repeats.
 */
export type StudyKind = 'replay' | 'forecast';

/** Where a study begins: a state of the host between two commands. */
export interface StudyStart {
  readonly config: HostConfig;
  /** A snapshot of a host of this config, or null: host time 0. */
  readonly state: readonly StateEntry[] | null;
  /**
   * What an administrator changed after the start, in order of host time. A replay makes these changes too, but for those of a
   * knob that the alternative itself sets.
   */
  readonly commands?: readonly TimedCommand[];
  /** The config that a forecast's own was made of; that one says only what is to be played. */
  readonly source?: HostConfig;
  /** What a forecast knows of the time before it, to tell by how far it may be off. */
  readonly seen?: SeenSeconds;
}

/** What an administrator can do to a running host. A cap or limit of Infinity is none. */
export type AdminChange =
  Exclude<StudyChange, HardwareChange> | { readonly kind: 'flush-precache'; readonly guestId: number };

/** A change that was made at a host time. */
export interface TimedCommand {
  readonly hostMs: number;
  readonly change: AdminChange;
}

/** A change that all engines can repeat; after others only full runs are right. */
export type GradualChange = Extract<AdminChange, { kind: 'weight' | 'balloon-target' }>;

export function isGradual(change: AdminChange): change is GradualChange {
  return change.kind === 'weight' || change.kind === 'balloon-target';
}

/** What was read from the disks in the whole host seconds before a forecast starts, without gaps. */
export interface SeenSeconds {
  readonly seconds: number;
  /** seconds × guests by place, the oldest first. */
  readonly diskReads: Float64Array;
}

/** A stretch of time that ends where a forecast starts: what was seen before. */
export interface SeenPast {
  /** A snapshot of the host at the beginning of the stretch, or null: host time 0. */
  readonly state: readonly StateEntry[] | null;
  /** Changes made within the stretch, in order of host time. */
  readonly commands: readonly TimedCommand[];
  /** The time before the forecast, further back than the stretch where there is more of it. */
  readonly seen?: SeenSeconds;
}

/** One thing that an alternative does differently from its first moment on. Sizes in pages. */
export type StudyChange =
  | { readonly kind: 'weight'; readonly guestId: number; readonly value: number }
  | { readonly kind: 'balloon-target'; readonly guestId: number; readonly pages: number }
  /** The most ephemeral pages that a guest may have stored; null: no cap. */
  | { readonly kind: 'precache-cap'; readonly guestId: number; readonly pages: number | null }
  | { readonly kind: 'policy'; readonly policy: HostConfig['policy'] }
  | { readonly kind: 'idle-tax'; readonly permille: number }
  /** The most ephemeral pages that all guests together may have stored. */
  | { readonly kind: 'pool-limit'; readonly pages: number }
  /** RAM of the host. */
  | { readonly kind: 'host-size'; readonly pages: number }
  | { readonly kind: 'remove-guest'; readonly guestId: number }
  | HardwareChange;

/** Another CPU, or other disks in place of all that the host has; `free`: what they do takes no time. No console can change them. */
export type HardwareChange =
  | { readonly kind: 'cpu-class'; readonly cpu: CpuClassName | 'free' }
  | { readonly kind: 'disk-class'; readonly disk: DiskClassName | 'free' };

/** A set of changes with the name that its outcome is shown under. No changes: the undisturbed host. */
export interface Alternative {
  readonly name: string;
  readonly changes: readonly StudyChange[];
}

/** Most alternatives of a study, the baseline not counted. */
export const ALTERNATIVES_MAX = 8;

/**
 * How an answer was found.
 * - `curves`: misses of each guest at its steady share, by its stack distances. Answers misses, not evictions.
 * - `distances`: every reference's stack distance against the shares of that moment. Exact where it applies.
 * - `scaled`: the store and the page caches at a fraction of their size, on a sample of the pages.
 * - `full`: the host itself. Exact.
 */
export const ENGINES = ['curves', 'distances', 'scaled', 'full'] as const;
export type Engine = (typeof ENGINES)[number];

/** Something that an engine takes for granted, and whether it is so in this study. */
export interface Assumption {
  readonly text: string;
  readonly held: boolean;
}

/** What happened to a guest from the start to the horizon. */
export interface GuestOutcome {
  readonly guestId: number;
  readonly name: string;
  readonly accesses: number;
  /** accesses = cacheHits + precacheHits + diskReads. Estimates may be fractions. */
  readonly cacheHits: number;
  readonly precacheHits: number;
  readonly diskReads: number;
  /** Its pages evicted for itself and for others, and others' pages evicted for it; null where the engine does not know. */
  readonly evictedBySelf: number | null;
  readonly evictedByOthers: number | null;
  readonly evictionsCaused: number | null;
  /** Mean over the host seconds that end within the study, in pages. */
  readonly meanEphemeralPages: number;
  readonly meanRamPages: number;
  /** Stated error of diskReads / accesses: the truth lies within ± this in 95 % of cases. 0 where the engine is exact. */
  readonly error: number;
  /**
   * Part of the time that it waits for disks and for tmem's CPU time, 0 to 1, so it is 1 / (1 − this) times slower than its
   * workload wants; null where nothing takes time in the model, or the engine does not know. With its stated error.
   */
  readonly waitingPart: number | null;
  readonly waitingError: number | null;
  /**
   * Of a forecast, which takes it that guests do again what they did: disk reads by which what happens may be off because they
   * do something else, in 95 % of cases, to be added to the engine's error. Alternatives have it in common for the most part,
   * so it does not count where they are compared.
   */
  readonly doubtReads?: number;
}

/** The sums over the guests, and what only the host has. */
export interface HostOutcome {
  readonly accesses: number;
  readonly cacheHits: number;
  readonly precacheHits: number;
  readonly diskReads: number;
  /** All pages evicted, those for the host itself included; null where the engine does not know. */
  readonly evictions: number | null;
  readonly meanEphemeralPages: number;
  /** Pages that nobody held. */
  readonly meanFallowPages: number;
  /** As {@link GuestOutcome.error}, of the sums. */
  readonly error: number;
  /** As {@link GuestOutcome.doubtReads}, of the sums. */
  readonly doubtReads?: number;
}

/** By host second, guests side by side: what charts are drawn from. */
export interface OverTime {
  readonly firstSecond: number;
  readonly seconds: number;
  /** seconds × guests, in order of id. */
  readonly ephemeralPages: Float64Array;
  readonly diskReads: Float64Array;
}

export interface AlternativeOutcome {
  readonly name: string;
  readonly engine: Engine;
  /** In order of id; a guest that the alternative removes has an outcome of zeros. */
  readonly guests: readonly GuestOutcome[];
  readonly host: HostOutcome;
  readonly assumptions: readonly Assumption[];
  /** null where the engine knows no course over time. */
  readonly overTime: OverTime | null;
}

/** How work in progress is watched and stopped. */
export interface StudyOptions {
  readonly signal?: AbortSignal | undefined;
  /** Told now and then what part is done, 0 to 1. */
  readonly onProgress?: ((done: number) => void) | undefined;
}
