import { contextBridge, ipcRenderer } from 'electron';
import { BRIDGE_NAME, REQUEST_CHANNEL, STREAM_CHANNEL, STREAM_PORT_MESSAGE } from '#contract/bridge.ts';
import type { Bridge } from '#contract/bridge.ts';
import type { Reply } from '#contract/requests.ts';

const bridge: Bridge = {
  request: async (name, argument) => {
    try {
      return (await ipcRenderer.invoke(REQUEST_CHANNEL, { name, argument })) as Reply;
    } catch (error) {
      // What cannot be copied to another process (a function, a symbol) never left this one.
      const why = error instanceof Error ? error.message : String(error);
      return { ok: false, failure: { code: 'bad-request', message: `The request could not be sent: ${why}` } };
    }
  },
  openStream: () => ipcRenderer.send(STREAM_CHANNEL),
};

contextBridge.exposeInMainWorld(BRIDGE_NAME, bridge);

// A port cannot pass the context bridge; a message of the window to itself ("/": this origin only) can carry it.
ipcRenderer.on(STREAM_CHANNEL, (event) => {
  window.postMessage({ type: STREAM_PORT_MESSAGE }, '/', [...event.ports]);
});
