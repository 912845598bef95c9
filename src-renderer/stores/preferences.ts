import { defineStore } from 'pinia';
import { ref, watch } from 'vue';
import * as v from 'valibot';
import { EVICTION_REASONS } from '#contract/samples.ts';

/** The time windows of a page, shortest first. */
export const TIME_WINDOWS = ['1m', '2m', '5m', '15m', '1h', '6h', '1d', '7d', '30d', '1y', 'all'] as const;
export type TimeWindow = (typeof TIME_WINDOWS)[number];

/** Time presets of the eviction history. */
export const EVICTION_SPANS = ['2m', '15m', '1h', '1d', 'all', 'custom'] as const;

const EvictionViewSchema = v.object({
  victims: v.fallback(v.array(v.number()), () => []),
  beneficiaries: v.fallback(v.array(v.number()), () => []),
  reasons: v.fallback(v.array(v.picklist(EVICTION_REASONS)), () => []),
  span: v.fallback(v.picklist(EVICTION_SPANS), '15m'),
  /** Run that from and to belong to; 0 is the present one. */
  runId: v.fallback(v.number(), 0),
  from: v.fallback(v.string(), ''),
  to: v.fallback(v.string(), ''),
});
export type EvictionView = v.InferOutput<typeof EvictionViewSchema>;

const PreferencesSchema = v.object({
  timeWindow: v.fallback(v.picklist(TIME_WINDOWS), '2m'),
  /** Shortcuts of one key without Ctrl; can be switched off (WCAG 2.1.4). */
  singleKeys: v.fallback(v.boolean(), true),
  evictions: v.fallback(EvictionViewSchema, () => v.parse(EvictionViewSchema, {})),
});
type Preferences = v.InferOutput<typeof PreferencesSchema>;

const PLACE = 'tmem-console.preferences';

function stored(): Preferences {
  let found: unknown = {};
  try {
    found = JSON.parse(localStorage.getItem(PLACE) ?? '{}');
  } catch {
    // Damaged or forbidden storage is the same as none: the defaults stand.
  }
  const read = v.safeParse(PreferencesSchema, found);
  return read.success ? read.output : v.parse(PreferencesSchema, {});
}

/** What a person chose and wants to find again. */
export const usePreferences = defineStore('preferences', () => {
  const preferences = ref(stored());
  watch(
    preferences,
    (now) => {
      try {
        localStorage.setItem(PLACE, JSON.stringify(now));
      } catch {
        // Preferences that cannot be kept are still good for this session.
      }
    },
    { deep: true },
  );
  return { preferences };
});
