import { ConsoleError } from '#contract/errors.ts';

const MS_OF: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const PAGES_OF: Readonly<Record<string, number>> = { KiB: 1 / 4, MiB: 256, GiB: 262_144, pages: 1 };

/**
 * A duration such as `90s`, `10m`, `1h` or `1h30m`, in whole ms.
 * @throws ConsoleError `bad-argument` with the option's name
 */
export function parseDuration(text: string, option: string): number {
  const parts = [...text.trim().matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/gy)];
  const length = parts.reduce((sum, [part]) => sum + part.length, 0);
  if (parts.length === 0 || length !== text.trim().length) {
    throw new ConsoleError(
      'bad-argument',
      `${option}: "${text}" is no duration.`,
      'Write it like 90s, 10m, 1h or 1h30m.',
    );
  }
  return Math.round(parts.reduce((sum, [, count, unit]) => sum + Number(count) * (MS_OF[unit ?? ''] ?? NaN), 0));
}

/** A size such as `512MiB`, `1.5GiB` or `4096pages`, in whole pages of 4 KiB, or null where it is none. */
export function parsePages(text: string): number | null {
  const found = /^(\d+(?:\.\d+)?) ?(KiB|MiB|GiB|pages)$/.exec(text.trim());
  const [, count, unit] = found ?? [];
  return count === undefined || unit === undefined ? null : Math.round(Number(count) * (PAGES_OF[unit] ?? NaN));
}
