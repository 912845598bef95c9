import { defineStore } from 'pinia';
import { markRaw, shallowRef } from 'vue';
import * as v from 'valibot';
import { BRIDGE_NAME, STREAM_PORT_MESSAGE } from '#contract/bridge.ts';
import type { Bridge } from '#contract/bridge.ts';
import { ConsoleError } from '#contract/errors.ts';
import { REQUESTS, ReplySchema } from '#contract/requests.ts';
import type { RequestAnswer, RequestArgument, RequestName } from '#contract/requests.ts';

const FOREIGN =
  'The console answered in a form this window does not know. Restart Tmem Console; if it happens again, reinstall it.';

function bridgeOf(scope: object): Bridge | null {
  const found: unknown = Reflect.get(scope, BRIDGE_NAME);
  if (typeof found !== 'object' || found === null) return null;
  return found as Bridge;
}

/** Whatever was thrown, as the one error that a person can be told. */
export function consoleErrorOf(thrown: unknown): ConsoleError {
  if (thrown instanceof ConsoleError) return thrown;
  const { code, message, remedy } = ConsoleError.failureOf(thrown);
  return new ConsoleError(code, message, remedy, { cause: thrown });
}

/** The way to the main process: typed requests, every reply checked, and the ports of the live stream. */
export const useConnection = defineStore('connection', () => {
  const bridge = shallowRef<Bridge | null>(null);

  function require(): Bridge {
    bridge.value ??= bridgeOf(window);
    if (bridge.value !== null) return markRaw(bridge.value);
    throw new ConsoleError(
      'internal',
      'This page has no connection to a host: it was opened outside Tmem Console.',
      'Start Tmem Console; it opens this page itself.',
    );
  }

  /**
   * Sends a request and reads its answer by the contract.
   * @throws ConsoleError with the failure's code and sentence, or `internal` when the reply has a foreign form.
   */
  async function request<N extends RequestName>(name: N, argument: RequestArgument<N>): Promise<RequestAnswer<N>> {
    let raw: unknown;
    try {
      raw = await require().request(name, argument);
    } catch (thrown) {
      throw consoleErrorOf(thrown);
    }
    const reply = v.safeParse(ReplySchema, raw);
    if (!reply.success) throw new ConsoleError('internal', `The reply to ${name} cannot be read.`, FOREIGN);
    if (!reply.output.ok) {
      const { code, message, remedy } = reply.output.failure;
      throw new ConsoleError(code, message, remedy);
    }
    const answer = v.safeParse(REQUESTS[name].answer, reply.output.answer);
    if (answer.success) return answer.output;
    const place = v.getDotPath(answer.issues[0]) ?? 'answer';
    throw new ConsoleError('internal', `The answer to ${name} cannot be read: ${place} does not fit.`, FOREIGN);
  }

  /** Calls back with the port of every stream that is opened; returns a function that stops listening. */
  function onStreamPort(receive: (port: MessagePort) => void): () => void {
    const listen = (event: MessageEvent<unknown>): void => {
      if (event.source !== window && event.source !== null) return;
      const data = event.data;
      const type: unknown = typeof data === 'object' && data !== null ? Reflect.get(data, 'type') : data;
      const port = event.ports[0];
      if (type === STREAM_PORT_MESSAGE && port !== undefined) receive(port);
    };
    window.addEventListener('message', listen);
    return () => window.removeEventListener('message', listen);
  }

  /** Asks for a new stream; its port arrives by {@link onStreamPort}. */
  function openStream(): void {
    require().openStream();
  }

  return { request, onStreamPort, openStream };
});
