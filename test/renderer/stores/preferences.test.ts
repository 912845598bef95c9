// @vitest-environment happy-dom
import { createPinia, setActivePinia } from 'pinia';
import { beforeEach, describe, expect, it } from 'vitest';
import { nextTick } from 'vue';
import { usePreferences } from '#renderer/stores/preferences.ts';

const PLACE = 'tmem-console.preferences';
const fresh = () => {
  setActivePinia(createPinia());
  return usePreferences().preferences;
};

describe('preferences', () => {
  beforeEach(() => localStorage.clear());

  it('are found again at the next start', async () => {
    const first = fresh();
    first.timeWindow = '1h';
    first.evictions.victims = [2, 3];
    await nextTick();
    const next = fresh();
    expect([next.timeWindow, [...next.evictions.victims]]).toEqual(['1h', [2, 3]]);
  });

  it.each(['', '{', 'null', '[]', '{"timeWindow":"5y","evictions":{"victims":"all"}}'])(
    'fall back to the defaults where "%s" is stored',
    (text) => {
      localStorage.setItem(PLACE, text);
      const found = fresh();
      expect([found.timeWindow, found.singleKeys, found.evictions.span]).toEqual(['2m', true, '15m']);
    },
  );
});
