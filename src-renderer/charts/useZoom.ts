import { inject, provide, type InjectionKey } from 'vue';

/** Shows a stretch of the axis in all charts of a page. */
export type Zoom = (range: { readonly fromS: number; readonly toS: number }) => void;

const ZOOM: InjectionKey<Zoom> = Symbol('zoom of the charts of a page');

/** Lets the charts of a page choose the stretch of time that all of them show. */
export function provideZoom(zoom: Zoom): void {
  provide(ZOOM, zoom);
}

/** The page's zoom; null where its time is not chosen in its charts. */
export function useZoom(): Zoom | null {
  return inject(ZOOM, null);
}
