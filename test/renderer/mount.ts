import { flushPromises, mount } from '@vue/test-utils';
import { createPinia, setActivePinia } from 'pinia';
import { vi } from 'vitest';
import { createMemoryHistory } from 'vue-router';
import { BRIDGE_NAME } from '#contract/bridge.ts';
import App from '#renderer/App.vue';
import { createConsoleRouter } from '#renderer/router.ts';
import { FakeHost, type FakeOptions } from './fake-host.ts';

/** A fresh store and a fake host in the window's place of the bridge. */
export function connect(options: FakeOptions = {}): FakeHost {
  localStorage.clear();
  setActivePinia(createPinia());
  const host = new FakeHost(options);
  Reflect.set(window, BRIDGE_NAME, host);
  return host;
}

const mounted: { unmount: () => void }[] = [];

/**
 * The whole console on a page over a fake host, after its first frame where the host gives one.
 * @param prepare puts into the storage what an earlier window left there
 */
export async function openConsole(path: string, options: FakeOptions = {}, prepare: () => void = () => undefined) {
  localStorage.clear();
  prepare();
  const host = new FakeHost(options);
  Reflect.set(window, BRIDGE_NAME, host);
  const pinia = createPinia();
  setActivePinia(pinia);
  const router = createConsoleRouter(createMemoryHistory());
  await router.push(path);
  const wrapper = mount(App, { global: { plugins: [pinia, router] }, attachTo: document.body });
  mounted.push(wrapper);
  await flushPromises();
  const find = (testid: string) => wrapper.find(`[data-testid="${testid}"]`);
  const text = (testid: string): string => find(testid).text().replaceAll('\u00a0', ' ');
  /** Waits until something holds; fails with its own error when it never does. */
  const until = (holds: () => void): Promise<void> => vi.waitFor(holds, { timeout: 5_000, interval: 10 });
  return { host, wrapper, router, find, text, until };
}

/** Unmounts what was mounted, so that no timer or listener of a test reaches into the next. */
export function closeConsoles(): void {
  for (const wrapper of mounted.splice(0)) wrapper.unmount();
  document.body.innerHTML = '';
}
