// @vitest-environment happy-dom
import { afterEach, describe, expect, it, vi } from 'vitest';
import { useEvents } from '#renderer/stores/events.ts';
import { useHost } from '#renderer/stores/host.ts';
import { useLive } from '#renderer/stores/live.ts';
import type { SeriesKey } from '#renderer/stores/sample-ring.ts';
import type { FakeHost, FakeOptions } from '../fake-host.ts';
import { connect } from '../mount.ts';

const held: SeriesKey = { guestId: 1, column: 'ephemeralPages' };
const until = (holds: () => void): Promise<void> => vi.waitFor(holds, { timeout: 5_000, interval: 5 });
let live: ReturnType<typeof useLive> | null = null;

async function started(options: FakeOptions = {}): Promise<{ fake: FakeHost; live: ReturnType<typeof useLive> }> {
  const fake = connect(options);
  live = useLive();
  await live.start();
  return { fake, live };
}

afterEach(() => {
  live?.stop();
  live = null;
});

describe('the live stream in the window', () => {
  it('fills the past from the history, then follows the frames and answers each', async () => {
    const { fake, live } = await started({ seconds: 50 });
    await until(() => expect(live.now.ring.has(0)).toBe(true));
    fake.frame(3);
    await until(() => expect(fake.acked).toBe(1));
    expect(live.now.ring.newest).toBe(52);
    for (const second of [0, 25, 49, 52]) {
      expect(live.now.ring.at(held, second)).toBe(fake.samples[second]?.guests[3]);
    }
    expect(useHost().clock).toMatchObject({ hostMs: 53_000, paused: false, speed: '1x' });
  });

  it('reads the seconds that a frame left out from the history', async () => {
    const { fake, live } = await started({ seconds: 10 });
    fake.frame(300);
    await until(() => expect(live.now.ring.newest).toBe(309));
    expect(live.now.ring.has(100)).toBe(false);
    await until(() => {
      fake.frame(0);
      expect(live.now.ring.has(100)).toBe(true);
    });
    expect(live.now.ring.at(held, 100)).toBe(fake.samples[100]?.guests[3]);
    expect(live.now.ring.missing(0)).toBeNull();
  });

  it('shows a past run before the present one, with a gap between them', async () => {
    const { live } = await started({ seconds: 20, pastSeconds: 100 });
    await until(() => expect(live.now.ring.has(99)).toBe(true));
    expect([99, 100, 101].map((second) => live.now.ring.has(second))).toEqual([true, false, true]);
  });

  it('does not draw while the window is hidden, but keeps the samples', async () => {
    const { fake, live } = await started({ seconds: 10 });
    await until(() => expect(live.filled).toBe(true));
    const before = live.now;
    const hidden = vi.spyOn(document, 'hidden', 'get').mockReturnValue(true);
    fake.frame(5);
    await until(() => expect(fake.acked).toBe(1));
    expect(live.now).toBe(before);
    hidden.mockRestore();
    document.dispatchEvent(new Event('visibilitychange'));
    expect(live.now).not.toBe(before);
    expect(live.now.ring.newest).toBe(14);
  });

  it('refuses a frame of a foreign form with a sentence, and goes on with the next good one', async () => {
    const { fake, live } = await started({ seconds: 10 });
    fake.port?.postMessage({ kind: 'frame', sequence: 'x' });
    await until(() => expect(live.streamFailure?.message).toContain('cannot be read'));
    fake.frame(1);
    await until(() => expect(live.streamFailure).toBeNull());
    expect(live.now.ring.newest).toBe(10);
  });

  it('takes actions and clock events from the history and the stream, each once', async () => {
    const { fake } = await started({ seconds: 10 });
    const events = useEvents();
    await until(() => expect(events.state).toBe('ready'));
    fake.apply({ kind: 'weight', guestId: 1, value: 400 }, 'cli');
    fake.frame(1);
    await until(() => expect(events.actions).toHaveLength(1));
    await events.load();
    expect(events.actions.map(({ after, source }) => [after, source])).toEqual([[400, 'cli']]);
    expect(events.clockEvents).toHaveLength(1);
  });

  it('begins anew when another run appears in the stream', async () => {
    const { fake, live } = await started({ seconds: 10 });
    const asked = fake.asked.filter(({ name }) => name === 'host.describe').length;
    Object.assign(fake, { runId: 7 });
    fake.frame(1);
    await until(() => expect(fake.asked.filter(({ name }) => name === 'host.describe').length).toBeGreaterThan(asked));
    await until(() => expect(useHost().clock?.runId).toBe(7));
    expect(live.streamFailure).toBeNull();
  });
});

describe('the host', () => {
  it('is waited for until it has started', async () => {
    const fake = connect({ failures: { 'host.describe': { code: 'host-not-ready', message: 'Not yet.' } } });
    live = useLive();
    const start = live.start();
    const host = useHost();
    await until(() => expect(fake.asked.length).toBeGreaterThan(1));
    expect([host.phase, host.failure]).toEqual(['starting', null]);
    fake.options.failures = {};
    await start;
    expect(host.phase).toBe('ready');
    expect(host.sourceText).toBe('modelled: three real traces · seed 42');
  });

  it('has ended when it says so, and can be tried again', async () => {
    const fake = connect({ failures: { 'host.describe': { code: 'host-failed', message: 'It broke.' } } });
    live = useLive();
    await live.start();
    const host = useHost();
    expect([host.phase, host.failure?.message]).toEqual(['ended', 'It broke.']);
    fake.options.failures = {};
    await live.restart();
    expect([host.phase, host.failure]).toEqual(['ready', null]);
  });

  it('shows at once what a command did, and says why one was refused', async () => {
    const { fake, live } = await started({ seconds: 10 });
    await until(() => expect(live.now.ring.newest).toBe(9));
    const host = useHost();
    await until(() => expect(host.clock).not.toBeNull());
    await host.setPaused(true);
    expect([host.paused, fake.paused]).toEqual([true, true]);
    fake.options.failures = { 'host.setSpeed': { code: 'host-failed', message: 'It broke.' } };
    await host.setSpeed('max');
    expect([host.clock?.speed, host.commandFailure?.message]).toEqual(['1x', 'It broke.']);
  });

  it('gives every guest its own colour and dash together, for 64 guests', async () => {
    await started({ guests: 64, seconds: 1 });
    const looks = new Set(useHost().guests.map(({ colour, dash }) => `${colour} ${dash}`));
    expect(looks.size).toBe(64);
  });
});
