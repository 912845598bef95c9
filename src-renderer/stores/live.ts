import { defineStore } from 'pinia';
import { shallowRef } from 'vue';
import * as v from 'valibot';
import { ConsoleError } from '#contract/errors.ts';
import { GUEST_COLUMNS, HOST_COLUMNS } from '#contract/samples.ts';
import type { Ack, Frame } from '#contract/stream.ts';
import { FrameSchema } from '#contract/stream.ts';
import { consoleErrorOf, useConnection } from './connection.ts';
import { useEvents } from './events.ts';
import { useHost } from './host.ts';
import { fillRing } from './ring-fill.ts';
import { SampleRing } from './sample-ring.ts';

/** Wall ms between two askings of the history for missed seconds. */
const FILL_EVERY_MS = 1_000;
/** Host seconds that are filled from the history: the longest window drawn from the ring. */
const FILLED_SECONDS = 900;
/** Wall ms without a frame after which the host is asked whether it is still there. */
const SILENCE_MS = 4_000;

type EvictionListener = (frame: Frame) => void;

/**
 * The live stream in the window: checks each frame, writes it into the ring, answers it, and reads what was missed from
 * the history. `now` is a new object each time there is something new to draw; it rests while the window is hidden.
 */
export const useLive = defineStore('live', () => {
  const connection = useConnection();
  const host = useHost();
  const events = useEvents();
  /** Wall seconds since the last frame, where that is long enough to say so; otherwise 0. */
  const silentS = shallowRef(0);
  const streamFailure = shallowRef<ConsoleError | null>(null);
  /** Why missed seconds could not be read. */
  const fillFailure = shallowRef<ConsoleError | null>(null);
  /** True when the first reading of the past is done, whatever came of it. */
  const filled = shallowRef(false);
  const listeners = new Set<EvictionListener>();
  let ring = new SampleRing([]);
  /** The ring as it is now; reading it in a computed value makes that follow the stream. */
  const now = shallowRef<{ readonly ring: SampleRing }>({ ring });
  let port: MessagePort | null = null;
  let lastFrameAt = 0;
  let lastFillAt = -FILL_EVERY_MS;
  let filling = false;
  let stop: (() => void) | null = null;
  let restarting: Promise<void> | null = null;

  function changed(): void {
    if (!document.hidden) now.value = { ring };
  }

  /** A ring for the guests of the described run, ending where its record ends. */
  function reset(): void {
    const description = host.description;
    ring = new SampleRing(description?.guests.map(({ id }) => id) ?? []);
    const end = (description?.run.axisStartS ?? 0) + (description?.run.seconds ?? 0) - 1;
    if (end >= 0) ring.advance(end);
    lastFillAt = -FILL_EVERY_MS;
    changed();
  }

  async function fill(): Promise<void> {
    const wall = performance.now();
    if (filling || document.hidden || wall - lastFillAt < FILL_EVERY_MS) return;
    const range = ring.missing(ring.newest - FILLED_SECONDS + 1);
    if (range === null) {
      filled.value = true;
      return;
    }
    filling = true;
    lastFillAt = wall;
    try {
      await fillRing(ring, range, connection.request);
      fillFailure.value = null;
    } catch (thrown) {
      fillFailure.value = consoleErrorOf(thrown);
    } finally {
      filling = false;
      filled.value = true;
      changed();
    }
  }

  function apply(frame: Frame): void {
    const description = host.description;
    if (description === null) return;
    if (frame.runId !== description.run.id) {
      void restart();
      return;
    }
    const { runId, hostMs, paused, speed, reachedSpeed, lagMs, historyBytes, replayableFromMs } = frame;
    host.clock = { runId, hostMs, paused, speed, reachedSpeed, lagMs, historyBytes, replayableFromMs };
    host.historyFailure = frame.historyFailure;
    host.take(frame.settings);
    if (frame.guestIds.join() !== ring.guestIds.join()) {
      streamFailure.value = new ConsoleError('internal', 'The live stream names other guests than the host described.');
      return;
    }
    const width = frame.guestIds.length * GUEST_COLUMNS.length;
    for (let s = 0; s < frame.seconds; s++) {
      const second = description.run.axisStartS + frame.firstSecond + s;
      ring.write(second, frame.host, s * HOST_COLUMNS.length, frame.guests, s * width);
    }
    events.add(frame.actions, frame.clockEvents);
    for (const listen of listeners) listen(frame);
  }

  function receive(data: unknown): void {
    const parsed = v.safeParse(FrameSchema, data);
    if (!parsed.success) {
      streamFailure.value = new ConsoleError(
        'internal',
        `A message of the live stream cannot be read: ${parsed.issues[0].message}.`,
        'Reconnect to the live stream.',
      );
      return;
    }
    lastFrameAt = performance.now();
    silentS.value = 0;
    streamFailure.value = null;
    apply(parsed.output);
    port?.postMessage({ kind: 'ack', sequence: parsed.output.sequence } satisfies Ack);
    // A frame without a new second has nothing to draw.
    if (parsed.output.seconds > 0) changed();
    void fill();
  }

  function attach(next: MessagePort): void {
    port?.close();
    port = next;
    lastFrameAt = performance.now();
    next.onmessage = (event: MessageEvent<unknown>) => {
      if (port === next) receive(event.data);
    };
    next.addEventListener('close', () => {
      if (port === next) void probe();
    });
    next.start();
  }

  /** Asks whether the host is still there; if it is, opens the stream again. */
  async function probe(): Promise<void> {
    if (await host.describe()) connection.openStream();
  }

  /** Describes the host anew, empties the ring and opens a new stream; once, however often it is asked for meanwhile. */
  function restart(): Promise<void> {
    restarting ??= begin().finally(() => {
      restarting = null;
    });
    return restarting;
  }

  /** Has a host that has ended started again, and begins anew with it. */
  async function restartHost(): Promise<void> {
    try {
      await connection.request('host.restart', {});
    } catch (thrown) {
      host.failure = consoleErrorOf(thrown);
      return;
    }
    await restart();
  }

  async function begin(): Promise<void> {
    if (!(await host.untilReady())) return;
    filled.value = false;
    reset();
    events.forget();
    try {
      connection.openStream();
    } catch (thrown) {
      streamFailure.value = consoleErrorOf(thrown);
    }
    await Promise.all([fill(), events.load()]);
  }

  function watchSilence(): void {
    if (document.hidden || host.phase !== 'ready' || lastFrameAt === 0) return;
    const silent = performance.now() - lastFrameAt;
    silentS.value = silent < SILENCE_MS ? 0 : Math.floor(silent / 1000);
    if (silent >= SILENCE_MS && silentS.value % 4 === 0) void probe();
  }

  /** Begins: listens for ports, waits for the host, opens the stream. Returns when the host was described or has failed. */
  async function start(): Promise<void> {
    stop?.();
    const stopPorts = connection.onStreamPort(attach);
    const timer = setInterval(watchSilence, 1_000);
    const onVisible = (): void => {
      lastFrameAt = performance.now();
      changed();
    };
    document.addEventListener('visibilitychange', onVisible);
    stop = () => {
      stopPorts();
      clearInterval(timer);
      document.removeEventListener('visibilitychange', onVisible);
      port?.close();
      port = null;
    };
    await restart();
  }

  /** Calls back with every applied frame; returns a function that stops it. */
  function onFrame(listen: EvictionListener): () => void {
    listeners.add(listen);
    return () => listeners.delete(listen);
  }

  return {
    now,
    silentS,
    streamFailure,
    fillFailure,
    filled,
    start,
    restart,
    restartHost,
    stop: () => stop?.(),
    onFrame,
  };
});
