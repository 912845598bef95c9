import { GAP } from '../format.ts';
import type { TimeWindow } from './preferences.ts';

/** Length of each window in host seconds; null = from the first recorded second. */
const WINDOW_SECONDS: Readonly<Record<TimeWindow, number | null>> = {
  '1m': 60,
  '2m': 120,
  '5m': 300,
  '15m': 900,
  '1h': 3_600,
  '6h': 21_600,
  '1d': 86_400,
  '7d': 604_800,
  '30d': 2_592_000,
  '1y': 31_536_000,
  all: null,
};

export const WINDOW_LABELS: Readonly<Record<TimeWindow, string>> = {
  '1m': `1${GAP}min`,
  '2m': `2${GAP}min`,
  '5m': `5${GAP}min`,
  '15m': `15${GAP}min`,
  '1h': `1${GAP}h`,
  '6h': `6${GAP}h`,
  '1d': `1${GAP}d`,
  '7d': `7${GAP}d`,
  '30d': `30${GAP}d`,
  '1y': `1${GAP}year`,
  all: 'All',
};

/** The longest window that is drawn from what the window keeps itself; longer ones ask the history. */
export const LIVE_SECONDS_MAX = 900;

export function isLiveWindow(window: TimeWindow): boolean {
  const seconds = WINDOW_SECONDS[window];
  return seconds !== null && seconds <= LIVE_SECONDS_MAX;
}

/** The window's stretch of the axis when `newest` is now. It may begin before the first recorded second. */
export function windowRange(window: TimeWindow, newest: number): { fromS: number; toS: number } {
  const seconds = WINDOW_SECONDS[window];
  return { fromS: seconds === null ? 0 : newest - seconds + 1, toS: newest };
}

/** "2 min", "all recorded time": what figures of the window are figures of. */
export function windowPhrase(window: TimeWindow): string {
  return window === 'all' ? 'all recorded time' : WINDOW_LABELS[window];
}
