/** Bundled and injected by shoot.ts before the page's own scripts: a fake host that ticks like the real one. */
import { BRIDGE_NAME } from '#contract/bridge.ts';
import { FakeHost, type FakeOptions } from '../fake-host.ts';

declare global {
  interface Window {
    previewOptions?: FakeOptions & { script?: (host: FakeHost) => void };
    previewHost?: FakeHost;
  }
}

const host = new FakeHost(window.previewOptions);
window.previewHost = host;
Reflect.set(window, BRIDGE_NAME, {
  request: (name: string, argument: unknown) => host.request(name, argument),
  openStream: () => host.openStream(),
});
let owed = 0;
setInterval(() => {
  owed += host.speed === '1x' ? 0.25 : host.speed === '10x' ? 2.5 : 100;
  const seconds = Math.floor(owed);
  owed -= seconds;
  host.frame(seconds);
}, 250);
