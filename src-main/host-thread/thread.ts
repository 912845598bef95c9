import { performance } from 'node:perf_hooks';
import { parentPort, workerData } from 'node:worker_threads';
import { ConsoleError } from '#contract/errors.ts';
import type { FromThread, HostThreadOptions, ToThread } from './protocol.ts';
import { startHost, type StartedHost } from './start-host.ts';

/**
 * Entry of the host thread: starts the host, then alternates between slices of the model and commands. It ends on `stop`,
 * or with a `failed` message when it cannot go on.
 */
const port = parentPort;
if (port === null) throw new Error('The host thread must be started as a worker.');

const send = (message: FromThread): void => port.postMessage(message);
const fail = (error: unknown): void => {
  send({ kind: 'failed', failure: ConsoleError.failureOf(error) });
  port.close();
};

/** A turn of the event loop between two slices, so that commands get in. */
function run({ loop }: StartedHost): () => void {
  let ended = false;
  const turn = (): void => {
    if (ended) return;
    try {
      const waitMs = loop.slice();
      if (waitMs === 0) setImmediate(turn);
      else setTimeout(turn, waitMs);
    } catch (error) {
      ended = true;
      fail(error);
    }
  };
  turn();
  return () => {
    ended = true;
  };
}

function answerCommands(host: StartedHost, stopRunning: () => void): void {
  port?.on('message', (message: ToThread) => {
    try {
      switch (message.name) {
        case 'setPaused':
          send({ kind: 'answer', id: message.id, answer: host.loop.setPaused(message.argument.paused) });
          break;
        case 'setSpeed':
          send({ kind: 'answer', id: message.id, answer: host.loop.setSpeed(message.argument.speed) });
          break;
        case 'applyChanges':
          send({
            kind: 'answer',
            id: message.id,
            answer: host.loop.applyChanges(message.argument.changes, message.argument),
          });
          break;
        case 'fork': {
          const forked = host.fork();
          const transfer = forked.entries.map(({ values }) => values.buffer as ArrayBuffer);
          port.postMessage({ kind: 'answer', id: message.id, answer: forked } satisfies FromThread, transfer);
          break;
        }
        case 'saveStudy':
          send({ kind: 'answer', id: message.id, answer: host.studies.saveStudy(message.argument) });
          break;
        case 'markStudyApplied': {
          const { savedId, alternative, actionId } = message.argument;
          host.studies.markStudyApplied(savedId, alternative, actionId);
          send({ kind: 'answer', id: message.id, answer: null });
          break;
        }
        case 'deleteStudy':
          host.studies.deleteStudy(message.argument.savedId);
          send({ kind: 'answer', id: message.id, answer: null });
          break;
        case 'setRetention':
          host.loop.setRetention(message.argument.policy);
          send({ kind: 'answer', id: message.id, answer: null });
          break;
        case 'stop':
          stopRunning();
          void host.loop
            .end(message.argument.because)
            .then(() => host.close())
            .then(
              () => send({ kind: 'answer', id: message.id, answer: null }),
              (error: unknown) => send({ kind: 'refused', id: message.id, failure: ConsoleError.failureOf(error) }),
            )
            .finally(() => port.close());
          break;
      }
    } catch (error) {
      send({ kind: 'refused', id: message.id, failure: ConsoleError.failureOf(error) });
    }
  });
}

startHost(workerData as HostThreadOptions, {
  now: () => performance.now(),
  wallMs: () => Date.now(),
  emit: (frame) => send({ kind: 'frame', frame }),
  onProgress: (text) => send({ kind: 'starting', text }),
}).then((host) => {
  send({ kind: 'ready', description: host.description });
  answerCommands(host, run(host));
}, fail);
