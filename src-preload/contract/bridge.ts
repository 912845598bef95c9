import type { Reply } from './requests.ts';

/** The one IPC channel of requests. */
export const REQUEST_CHANNEL = 'tmem:request';
/** The main process hands the window its end of the live stream on this channel. */
export const STREAM_CHANNEL = 'tmem:stream';
/** `window.postMessage` type by which the preload passes the stream's port into the page. */
export const STREAM_PORT_MESSAGE = 'tmem:stream-port';
/** The name under which the preload exposes the {@link Bridge}. */
export const BRIDGE_NAME = 'tmem';

/** All that the page can reach of the outside. */
export interface Bridge {
  /** Sends a request; the reply is unchecked until the page has read it with its schema. */
  request(name: string, argument: unknown): Promise<Reply>;
  /** Asks for a new live stream; its port arrives as a `STREAM_PORT_MESSAGE`. A former stream is closed. */
  openStream(): void;
}
