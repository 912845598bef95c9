import { EventEmitter } from 'node:events';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { STREAM_CHANNEL } from '#contract/bridge.ts';
import { FRAMES_IN_FLIGHT } from '#contract/stream.ts';
import type { Frame } from '#contract/stream.ts';
import { FrameGate } from '#main/app/frame-gate.ts';
import { LiveStream } from '#main/app/live-stream.ts';

describe('the gate of the live stream', () => {
  it('lets as many frames pass unanswered as the contract says, then skips until one is answered', () => {
    const gate = new FrameGate();
    const admitted = [0, 1, 2, 3, 4].filter((sequence) => gate.admit(sequence));
    expect(admitted).toEqual([0, 1, 2].slice(0, FRAMES_IN_FLIGHT));
    gate.take({ kind: 'ack', sequence: 1 });
    expect(gate.admit(5)).toBe(true);
    expect(gate.admit(6)).toBe(false);
  });

  it('never has more frames in flight than allowed, whatever the window answers', () => {
    const message = fc.oneof(
      fc.record({
        kind: fc.constant('ack'),
        sequence: fc.oneof(fc.integer({ min: -2, max: 40 }), fc.double(), fc.bigInt()),
      }),
      fc.record({ kind: fc.constant('ack'), sequence: fc.nat(40), more: fc.anything() }),
      fc.anything({ withBigInt: true, withTypedArray: true }),
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.constant('frame' as const), message), { maxLength: 60 }), (events) => {
        const gate = new FrameGate();
        const inFlight = new Set<number>();
        let sequence = 0;
        for (const event of events) {
          if (event === 'frame') {
            if (gate.admit(sequence)) inFlight.add(sequence);
            else expect(inFlight.size).toBe(FRAMES_IN_FLIGHT);
            sequence++;
          } else {
            gate.take(event);
            if (isAck(event)) inFlight.delete(event.sequence);
          }
          expect(inFlight.size).toBeLessThanOrEqual(FRAMES_IN_FLIGHT);
        }
      }),
      { numRuns: 1_000 },
    );
  });
});

/** What the contract calls an answer, said in another way than the product does. */
function isAck(message: unknown): message is { sequence: number } {
  if (typeof message !== 'object' || message === null) return false;
  const keys = Object.keys(message).sort().join();
  const { kind, sequence } = message as { kind?: unknown; sequence?: unknown };
  return keys === 'kind,sequence' && kind === 'ack' && Number.isSafeInteger(sequence) && Number(sequence) >= 0;
}

class FakePort extends EventEmitter {
  readonly sent: unknown[] = [];
  started = false;
  closed = false;
  postMessage(message: unknown): void {
    if (this.closed) throw new Error('This port is closed.');
    this.sent.push(message);
  }
  start(): void {
    this.started = true;
  }
  close(): void {
    this.closed = true;
  }
}

class FakeSource {
  readonly listeners = new Set<(frame: Frame) => void>();
  private sequence = 0;
  onFrame(listener: (frame: Frame) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }
  emit(): void {
    const frame = { kind: 'frame', sequence: this.sequence++ } as Frame;
    for (const listener of this.listeners) listener(frame);
  }
}

function openedStream() {
  const source = new FakeSource();
  const ports: { near: FakePort; far: FakePort }[] = [];
  const stream = new LiveStream(source, () => {
    const pair = { near: new FakePort(), far: new FakePort() };
    ports.push(pair);
    return { port1: pair.near, port2: pair.far };
  });
  const handed: unknown[][] = [];
  const frame = { postMessage: (...parts: [string, unknown, FakePort[]]) => handed.push(parts) };
  return { source, stream, ports, frame, handed };
}

describe('the live stream', () => {
  it('hands the far end to the page and sends frames over the near one', () => {
    const { source, stream, ports, frame, handed } = openedStream();
    stream.open(frame);
    source.emit();
    expect(handed).toEqual([[STREAM_CHANNEL, null, [ports[0]?.far]]]);
    expect(ports[0]?.near).toMatchObject({ started: true, sent: [{ sequence: 0 }] });
  });

  it('skips frames while the page is slow, keeps none, and goes on with the newest', () => {
    const { source, stream, ports, frame } = openedStream();
    stream.open(frame);
    for (let count = 0; count < 10; count++) source.emit();
    ports[0]?.near.emit('message', { data: { kind: 'ack', sequence: 0 } });
    source.emit();
    expect(ports[0]?.near.sent).toMatchObject([{ sequence: 0 }, { sequence: 1 }, { sequence: 2 }, { sequence: 10 }]);
  });

  it('closes the former stream when a new one is opened, and listens only once', () => {
    const { source, stream, ports, frame } = openedStream();
    stream.open(frame);
    stream.open(frame);
    source.emit();
    expect(ports.map(({ near }) => near.closed)).toEqual([true, false]);
    expect(ports.map(({ near }) => near.sent.length)).toEqual([0, 1]);
    expect(source.listeners.size).toBe(1);
  });

  it('stops listening when the page is gone or the stream is closed', () => {
    const { source, stream, ports, frame } = openedStream();
    stream.open(frame);
    ports[0]?.near.emit('close');
    expect(source.listeners.size).toBe(0);
    stream.open(frame);
    stream.close();
    stream.close();
    expect(source.listeners.size).toBe(0);
    expect(ports[1]?.near.closed).toBe(true);
  });
});
