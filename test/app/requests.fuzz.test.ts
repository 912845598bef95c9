import fc from 'fast-check';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { ConsoleError } from '#contract/errors.ts';
import { REQUEST_NAMES, REQUESTS, ReplySchema } from '#contract/requests.ts';
import type { RequestName } from '#contract/requests.ts';
import { createResponder } from '#main/app/requests.ts';
import type { Handlers } from '#main/app/requests.ts';

/** What handlers were called with; each answers nothing, which no schema of an answer takes. */
function recordingHandlers(): { handlers: Handlers; calls: { name: RequestName; argument: unknown }[] } {
  const calls: { name: RequestName; argument: unknown }[] = [];
  const handlers = Object.fromEntries(
    REQUEST_NAMES.map((name) => [
      name,
      (argument: unknown) => {
        calls.push({ name, argument });
        return undefined;
      },
    ]),
  ) as unknown as Handlers;
  return { handlers, calls };
}

function cyclic(): unknown {
  const object: Record<string, unknown> = { paused: true };
  object['self'] = object;
  return object;
}

function deep(depth: number): unknown {
  let value: unknown = {};
  for (let level = 0; level < depth; level++) value = { range: value, changes: [value] };
  return value;
}

/** Keys that would change every object if somebody copied them carelessly, made as JSON and structured clones make them. */
const polluting = JSON.parse(
  '[{"__proto__":{"paused":true}},{"constructor":{"prototype":{"paused":true}}},{"paused":true,"__proto__":{"x":1}}]',
) as unknown[];

const junk = fc.oneof(
  fc.anything({
    withBigInt: true,
    withDate: true,
    withMap: true,
    withSet: true,
    withTypedArray: true,
    withSparseArray: true,
  }),
  fc.constantFrom<unknown>(NaN, -0, Infinity, -1, 1e9, 65_536, 2 ** 53, 10n ** 40n, '', 'abc', '-1', null, undefined),
  fc.constantFrom<unknown>(...polluting),
  fc.integer({ min: 1, max: 20_000 }).map(deep),
  fc.integer({ min: 1, max: 2_000_000 }).map((length) => 'x'.repeat(length)),
  fc.constant(null).map(cyclic),
);
/** Arguments of the right form with junk in their places: they reach further than junk alone. */
const nearlyRight = fc.oneof(
  fc.record({ paused: junk }),
  fc.record({ speed: junk }),
  fc.record({ changes: fc.oneof(junk, fc.array(fc.oneof(junk, change()), { maxLength: 200 })) }),
  fc.record({ range: fc.oneof(junk, fc.record({ fromS: junk, toS: junk })), series: junk, maxPoints: junk }),
  fc.record({
    filter: fc.record({ range: junk, victims: junk, beneficiaries: junk, reasons: junk }),
    after: junk,
    limit: junk,
  }),
);
function change(): fc.Arbitrary<unknown> {
  return fc.record(
    {
      kind: fc.oneof(fc.constantFrom<unknown>('weight', 'balloon-target'), junk),
      guestId: fc.oneof(fc.integer({ min: -1, max: 70_000 }), junk),
      value: fc.oneof(fc.integer({ min: -1, max: 70_000 }), junk),
      valuePages: fc.oneof(fc.integer({ min: -1 }), junk),
    },
    { requiredKeys: [] },
  );
}
const name = fc.oneof(
  fc.constantFrom<unknown>(...REQUEST_NAMES),
  fc.constantFrom<unknown>('__proto__', 'constructor', 'toString', 'host.describe ', 'HOST.DESCRIBE', ''),
  junk,
);
const envelope = fc.oneof(
  { weight: 6, arbitrary: fc.record({ name, argument: fc.oneof(junk, nearlyRight) }) },
  { weight: 1, arbitrary: fc.record({ name, argument: junk, more: junk }) },
  { weight: 1, arbitrary: junk },
);

describe('the door for requests', () => {
  it('gives a well-formed reply to every message and calls no handler with anything unchecked', async () => {
    const { handlers, calls } = recordingHandlers();
    const respond = createResponder(handlers, { checkAnswers: false, onInternalError: () => undefined });
    await fc.assert(
      fc.asyncProperty(envelope, async (message) => {
        calls.length = 0;
        const reply = v.parse(ReplySchema, await respond(true, message));
        expect(calls.length).toBe(reply.ok ? 1 : 0);
        if (!reply.ok) expect(reply.failure.code).toBe('bad-request');
        for (const call of calls) {
          expect(v.parse(REQUESTS[call.name].argument, call.argument)).toStrictEqual(call.argument);
          expect(Object.getPrototypeOf(call.argument)).toBe(Object.prototype);
        }
        expect(({} as Record<string, unknown>)['paused']).toBeUndefined();
      }),
      { numRuns: 2_000 },
    );
  });

  it('refuses every message of a foreign sender, right ones too', async () => {
    const { handlers, calls } = recordingHandlers();
    const respond = createResponder(handlers, { checkAnswers: false, onInternalError: () => undefined });
    for (const message of [
      { name: 'host.describe', argument: {} },
      { name: 'host.setPaused', argument: { paused: true } },
    ]) {
      expect(await respond(false, message)).toMatchObject({ ok: false, failure: { code: 'bad-sender' } });
    }
    expect(calls).toEqual([]);
  });

  it('makes a well-formed failure of whatever a handler throws', async () => {
    const told: unknown[] = [];
    let thrown: unknown;
    const { handlers } = recordingHandlers();
    const failing: Handlers = {
      ...handlers,
      'host.describe': () => {
        throw thrown;
      },
    };
    const respond = createResponder(failing, { checkAnswers: true, onInternalError: (_name, what) => told.push(what) });
    const throwable = fc.oneof(
      junk,
      fc.string().map((text) => new Error(text)),
      fc.constant(Object.create(null) as unknown),
      fc
        .integer({ min: 0, max: 100_000 })
        .map((length) => new ConsoleError('bad-trace', 'x'.repeat(length), 'y'.repeat(length))),
    );
    await fc.assert(
      fc.asyncProperty(throwable, async (what) => {
        thrown = what;
        told.length = 0;
        const reply = v.parse(ReplySchema, await respond(true, { name: 'host.describe', argument: {} }));
        expect(reply.ok).toBe(false);
        expect(told).toEqual(what instanceof ConsoleError ? [] : [what]);
      }),
      { numRuns: 300 },
    );
  });

  it('lets no answer out that does not fit its schema, where answers are checked', async () => {
    const { handlers } = recordingHandlers();
    const told: unknown[] = [];
    const respond = createResponder(handlers, {
      checkAnswers: true,
      onInternalError: (_name, what) => told.push(what),
    });
    expect(await respond(true, { name: 'host.setPaused', argument: { paused: true } })).toEqual({
      ok: false,
      failure: {
        code: 'internal',
        message: expect.stringMatching(/^The answer to host\.setPaused does not fit/) as string,
      },
    });
    expect(told.length).toBe(1);
  });

  it('names the place of a wrong value, in a sentence of bounded length', async () => {
    const { handlers } = recordingHandlers();
    const respond = createResponder(handlers, { checkAnswers: true, onInternalError: () => undefined });
    const message = {
      name: 'host.applyChanges',
      argument: { changes: [{ kind: 'weight', guestId: 1, value: 'x'.repeat(1_000_000) }] },
    };
    const reply = v.parse(ReplySchema, await respond(true, message));
    if (reply.ok) throw new Error('It was taken.');
    expect(reply.failure.message).toMatch(/^The argument of host\.applyChanges does not fit at changes\.0\.value: /);
    expect(reply.failure.message.length).toBeLessThan(500);
  });
});
