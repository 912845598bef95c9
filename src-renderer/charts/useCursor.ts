import { inject, provide, shallowRef, type InjectionKey, type Ref } from 'vue';

const CURSOR: InjectionKey<Ref<number | null>> = Symbol('cursor of the charts of a page');

/** One cursor for all charts of a page: the axis second that is pointed at, or null. */
export function provideCursor(): Ref<number | null> {
  const cursor = shallowRef<number | null>(null);
  provide(CURSOR, cursor);
  return cursor;
}

/** The page's cursor; a chart that stands alone has its own. */
export function useCursor(): Ref<number | null> {
  return inject(CURSOR, () => shallowRef<number | null>(null), true);
}
