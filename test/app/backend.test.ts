import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Recovery } from '#contract/backups.ts';
import { ConsoleError } from '#contract/errors.ts';
import type { Failure } from '#contract/errors.ts';
import type { HostDescription } from '#contract/model.ts';
import type { Frame } from '#contract/stream.ts';
import { Backend } from '#main/app/backend.ts';
import type { HostThread } from '#main/app/backend.ts';

const RECOVERY: Recovery = {
  kind: 'missing',
  sentence: 'It is gone.',
  setAside: null,
  backup: null,
  damagedBackups: 0,
};

function fakes(
  startWith: () => Promise<HostDescription> = () => Promise.resolve({} as HostDescription),
  missing: Recovery | null = null,
  seconds = 0,
) {
  const order: string[] = [];
  const told: string[] = [];
  const ready: number[] = [];
  const frameListeners: ((frame: Frame) => void)[] = [];
  let made = 0;
  let endListener: (failure: Failure | null) => void = () => undefined;
  const host = {
    describe: () => ({ notice: `host ${made}`, run: { seconds } }),
    setSpeed: (speed: string) => Promise.resolve(order.push(speed)),
    setPaused: (paused: boolean) => Promise.resolve(order.push(paused ? 'paused' : 'running')),
    onFrame: (listener: (frame: Frame) => void) => {
      frameListeners.push(listener);
      return () => undefined;
    },
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
    createHost: () => {
      made++;
      return { ...host };
    },
    recovery: {
      missing: () => Promise.resolve(missing),
      damaged: ({ message }) => Promise.resolve({ ...RECOVERY, kind: 'damaged', sentence: message }),
    },
    onReady: () => ready.push(made),
    openHistory: () => {
      order.push('open');
      return history;
    },
    reports: {
      preview: () => Promise.reject(new Error('not asked')),
      save: () => Promise.resolve({ file: null, bytes: 0 }),
      progress: () => ({ stage: 'idle', part: 0 }),
      cancel: () => undefined,
      stop: () => Promise.resolve(),
    },
    onError: (where, thrown) => told.push(`${where}: ${String(thrown)}`),
  });
  return {
    backend,
    host,
    history,
    order,
    told,
    ready,
    frameListeners,
    end: (failure: Failure | null) => endListener(failure),
  };
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
    await backend.history('history.runs', {});
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

  it('starts another host after work on the files, whose frames go on to the same listeners', async () => {
    const { backend, order, ready, frameListeners } = fakes();
    const frames: unknown[] = [];
    backend.onFrame((frame) => frames.push(frame));
    backend.start();
    await backend.history('history.runs', {});
    order.length = 0;
    const done = await backend.whileStopped(() => {
      order.push('work');
      expect(() => backend.describe()).toThrow('A backup is being put in the place of the history.');
      return Promise.resolve('done');
    });
    expect(done).toBe('done');
    expect(order).toEqual(['stop', 'work', 'start']);
    expect(ready).toEqual([1, 2]);
    expect(backend.describe()).toMatchObject({ notice: 'host 2' });
    expect(order).not.toContain('10x');
    frameListeners[0]?.({ sequence: 1 } as Frame);
    frameListeners[1]?.({ sequence: 2 } as Frame);
    expect(frames).toEqual([{ sequence: 2 }]);
  });

  it('opens no past for who asks while the host ends: the file that is open then would be the one that goes', async () => {
    const { backend, host, order } = fakes();
    let ended: () => void = () => undefined;
    host.stop.mockReturnValueOnce(new Promise<void>((resolve) => (ended = resolve)));
    backend.start();
    await backend.history('history.runs', {});
    order.length = 0;
    const done = backend.whileStopped(() => Promise.resolve('done'));
    await vi.advanceTimersByTimeAsync(0);
    await expect(backend.history('history.runs', {})).rejects.toMatchObject({ code: 'host-not-ready' });
    ended();
    expect(await done).toBe('done');
    expect(order).toEqual(['start']);
  });

  it('tells of a run that goes on after a restoration as of that, not as of a crash', async () => {
    const { backend } = fakes(undefined, null, 90);
    backend.start();
    await backend.history('history.runs', {});
    expect(backend.describe().notice).toBe('host 1');
    await expect(backend.whileStopped(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(backend.describe().notice).toBe('host 2');
    await backend.whileStopped(() => Promise.resolve());
    expect(backend.describe().notice).toContain('The host goes on from where that file ends.');
    await backend.whileStopped(() => Promise.resolve(), { meanwhile: 'Wait.', because: 'Another scenario.' });
    expect(backend.describe().notice).toBe('host 4');
  });

  it('lets the next host go on at the speed, and paused, as the person had it', async () => {
    const { backend, order, frameListeners } = fakes();
    backend.start();
    await backend.history('history.runs', {});
    frameListeners[0]?.({ speed: '10x', paused: true } as Frame);
    await backend.whileStopped(() => Promise.resolve());
    expect(order.slice(-2)).toEqual(['10x', 'paused']);
  });

  it('starts again also after work that failed', async () => {
    const { backend, ready } = fakes();
    backend.start();
    await backend.history('history.runs', {});
    await expect(backend.whileStopped(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(ready).toEqual([1, 2]);
  });

  it('starts no host over a history that is gone, until the person begins a new one', async () => {
    const { backend, order } = fakes(undefined, RECOVERY);
    backend.start();
    await expect(backend.history('history.runs', {})).rejects.toMatchObject({ code: 'history-missing' });
    expect(order).toEqual([]);
    expect(backend.recovery).toEqual(RECOVERY);
    expect(() => backend.describe()).toThrow('It is gone.');
    await backend.beginNew();
    expect(order).toEqual(['start', 'open']);
    expect(backend.recovery).toBeNull();
  });

  it('tells of a damaged history only when it is known what can be done', async () => {
    const damaged = new ConsoleError('history-damaged', 'Page 7 is damaged.');
    let fail: (error: Error) => void = () => undefined;
    const { backend, host } = fakes(() => new Promise((_resolve, reject) => (fail = reject)));
    backend.start();
    await vi.advanceTimersByTimeAsync(0);
    // The thread has said why it ends, and has not ended yet.
    const describe = vi.spyOn(backend.host, 'describe').mockImplementation(() => {
      throw damaged;
    });
    expect(() => backend.describe()).toThrow('The backups are being looked through.');
    fail(damaged);
    await vi.advanceTimersByTimeAsync(0);
    expect(() => backend.describe()).toThrow('Page 7 is damaged.');
    expect(backend.recovery).toMatchObject({ kind: 'damaged' });
    describe.mockRestore();
    expect(host.stop).not.toHaveBeenCalled();
  });

  it('looks what can be done about a damaged history, and waits for the person', async () => {
    const { backend } = fakes(() => Promise.reject(new ConsoleError('history-damaged', 'Page 7 is damaged.')));
    backend.start();
    await expect(backend.history('history.runs', {})).rejects.toMatchObject({ code: 'history-damaged' });
    expect(backend.recovery).toMatchObject({ kind: 'damaged', sentence: 'Page 7 is damaged.' });
  });

  it('starts a host that could not start when it is asked to, and leaves one that runs', async () => {
    let tries = 0;
    const locked = new ConsoleError('history-locked', 'Another process owns it.');
    const { backend, order } = fakes(() =>
      ++tries === 1 ? Promise.reject(locked) : Promise.resolve({} as HostDescription),
    );
    backend.start();
    await expect(backend.history('history.runs', {})).rejects.toBe(locked);
    const describe = vi.spyOn(backend, 'describe').mockImplementation(() => {
      throw locked;
    });
    await backend.restart();
    expect(order.filter((what) => what === 'start')).toHaveLength(2);
    describe.mockRestore();
    await backend.restart();
    expect(order.filter((what) => what === 'start')).toHaveLength(2);
    expect(await backend.history('history.runs', {})).toEqual({ runs: [] });
  });
});
