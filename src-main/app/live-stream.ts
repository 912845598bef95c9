import { STREAM_CHANNEL } from '#contract/bridge.ts';
import type { Frame } from '#contract/stream.ts';
import { FrameGate } from './frame-gate.ts';

type FrameSource = { onFrame(listener: (frame: Frame) => void): () => void };

/** The main process's end of a channel (Electron's MessagePortMain). */
interface NearPort {
  postMessage(message: unknown): void;
  on(event: 'message', listener: (event: { data: unknown }) => void): unknown;
  on(event: 'close', listener: () => void): unknown;
  start(): void;
  close(): void;
}

/**
 * The live stream to the window. There is at most one: a new one, a reload or a crash of the page closes the one before.
 */
export class LiveStream<FarPort> {
  private readonly source: FrameSource;
  private readonly createChannel: () => { port1: NearPort; port2: FarPort };
  private closeCurrent: (() => void) | null = null;

  constructor(source: FrameSource, createChannel: () => { port1: NearPort; port2: FarPort }) {
    this.source = source;
    this.createChannel = createChannel;
  }

  /** Opens a stream and hands its far end to the page in `frame`. */
  open(frame: { postMessage(channel: string, message: unknown, transfer: FarPort[]): void }): void {
    this.close();
    const { port1, port2 } = this.createChannel();
    this.closeCurrent = this.pump(port1);
    frame.postMessage(STREAM_CHANNEL, null, [port2]);
  }

  close(): void {
    this.closeCurrent?.();
    this.closeCurrent = null;
  }

  private pump(port: NearPort): () => void {
    const gate = new FrameGate();
    const stopListening = this.source.onFrame((frame) => {
      if (gate.admit(frame.sequence)) port.postMessage(frame);
    });
    port.on('message', (event) => gate.take(event.data));
    // The page's end is gone: nobody is left to send to.
    port.on('close', stopListening);
    port.start();
    return () => {
      stopListening();
      port.close();
    };
  }
}
