import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ConsoleError } from '#contract/errors.ts';
import type { Failure } from '#contract/errors.ts';
import type { HostDescription } from '#contract/model.ts';
import { Backend } from '#main/app/backend.ts';
import type { HostThread } from '#main/app/backend.ts';

function fakes(startWith: () => Promise<HostDescription> = () => Promise.resolve({} as HostDescription)) {
  const order: string[] = [];
  const told: string[] = [];
  let endListener: (failure: Failure | null) => void = () => undefined;
  const host = {
    start: () => {
      order.push('start');
      return startWith();
    },
    stop: vi.fn(() => {
      order.push('stop');
      return Promise.resolve();
    }),
    onEnd: (listener: (failure: Failure | null) => void) => {
      endListener = listener;
      return () => undefined;
    },
  } as unknown as HostThread & { stop: ReturnType<typeof vi.fn> };
  const history = {
    request: (name: string) => {
      order.push(name);
      return Promise.resolve({ runs: [] });
    },
    stop: vi.fn(() => Promise.resolve()),
  };
  const backend = new Backend({
    host,
    openHistory: () => {
      order.push('open');
      return history;
    },
    reports: {
      preview: () => Promise.reject(new Error('not asked')),
      save: () => Promise.resolve({ file: null, bytes: 0 }),
      progress: () => ({ stage: 'idle', part: 0 }),
      stop: () => Promise.resolve(),
    },
    onError: (where, thrown) => told.push(`${where}: ${String(thrown)}`),
  });
  return { backend, host, history, order, told, end: (failure: Failure | null) => endListener(failure) };
}

describe('the backend', () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  it('opens the past only after the host thread has made the database; earlier questions wait for it', async () => {
    let ready: (description: HostDescription) => void = () => undefined;
    const { backend, order } = fakes(() => new Promise((resolve) => (ready = resolve)));
    backend.start();
    const answer = backend.history('history.runs', {});
    await vi.advanceTimersByTimeAsync(100);
    expect(order).toEqual(['start']);
    ready({} as HostDescription);
    expect(await answer).toEqual({ runs: [] });
    expect(order).toEqual(['start', 'open', 'history.runs']);
  });

  it('tells whoever asks for the past why the host thread could not start', async () => {
    const newer = new ConsoleError('history-newer', 'The database is of a newer version.');
    const { backend, told } = fakes(() => Promise.reject(newer));
    backend.start();
    await expect(backend.history('history.runs', {})).rejects.toBe(newer);
    expect(told.length).toBe(1);
    await backend.stop();
  });

  it('refuses the past before the start and after the end', async () => {
    const { backend } = fakes();
    await expect(backend.history('history.runs', {})).rejects.toMatchObject({ code: 'host-not-ready' });
    backend.start();
    await backend.stop();
    await expect(backend.history('history.runs', {})).rejects.toMatchObject({ code: 'host-not-ready' });
  });

  it('stops both once, however often it is asked', async () => {
    const { backend, host, history } = fakes();
    backend.start();
    await Promise.all([backend.stop(), backend.stop()]);
    expect(host.stop).toHaveBeenCalledTimes(1);
    expect(history.stop).toHaveBeenCalledTimes(1);
  });

  it('does not wait for ever for a host thread that does not end, and says so', async () => {
    const { backend, host, told } = fakes();
    host.stop.mockReturnValue(new Promise(() => undefined));
    backend.start();
    const stopped = backend.stop();
    await vi.advanceTimersByTimeAsync(3_000);
    await stopped;
    expect(told).toEqual([expect.stringContaining('longer than 3000 ms')]);
  });

  it('says why the host thread ended by itself, and nothing when it was stopped', () => {
    const { backend, told, end } = fakes();
    backend.start();
    end(null);
    expect(told).toEqual([]);
    end({ code: 'host-failed', message: 'It broke.' });
    expect(told).toEqual([expect.stringContaining('It broke.')]);
  });
});
