// @vitest-environment happy-dom
import { createPinia, setActivePinia } from 'pinia';
import { beforeEach, describe, expect, it } from 'vitest';
import { BRIDGE_NAME } from '#contract/bridge.ts';
import { ConsoleError } from '#contract/errors.ts';
import { useConnection } from '#renderer/stores/connection.ts';

function answering(reply: unknown): ReturnType<typeof useConnection> {
  Reflect.set(window, BRIDGE_NAME, { request: () => Promise.resolve(reply), openStream: () => undefined });
  return useConnection();
}

describe('a request to the main process', () => {
  beforeEach(() => setActivePinia(createPinia()));

  it('gives the answer that fits the contract', async () => {
    const connection = answering({ ok: true, answer: { hostMs: 5 } });
    await expect(connection.request('host.setPaused', { paused: true })).resolves.toEqual({ hostMs: 5 });
  });

  it('fails with the code, sentence and remedy of the main process', async () => {
    const failure = { code: 'bad-weight', message: 'No.', remedy: 'Type less.' };
    const connection = answering({ ok: false, failure });
    const error = await connection.request('host.setPaused', { paused: true }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ConsoleError);
    expect(error).toMatchObject({ code: 'bad-weight', message: 'No.', remedy: 'Type less.' });
  });

  it.each([
    ['no reply', undefined],
    ['a reply of another form', { ok: 'yes' }],
    ['an unknown code', { ok: false, failure: { code: 'whatever', message: 'x' } }],
    ['an answer of another form', { ok: true, answer: { hostMs: -1 } }],
    ['an answer with more than the contract has', { ok: true, answer: { hostMs: 1, extra: true } }],
  ])('refuses %s with a sentence', async (_what, reply) => {
    const connection = answering(reply);
    await expect(connection.request('host.setPaused', { paused: true })).rejects.toMatchObject({
      code: 'internal',
      remedy: expect.stringContaining('Restart') as string,
    });
  });

  it('says so when the page was opened outside the console', async () => {
    Reflect.deleteProperty(window, BRIDGE_NAME);
    await expect(useConnection().request('history.runs', {})).rejects.toMatchObject({
      message: expect.stringContaining('outside Tmem Console') as string,
    });
  });
});
