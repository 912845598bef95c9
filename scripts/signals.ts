/** npm hands a signal to its shell, and the shell dies without handing it on: we see only that our parent is gone. */
const PARENT_EVERY_MS = 200;
/** What shells give for a program that was ended by SIGTERM. */
const ENDED_BY_SIGNAL = 143;

const listeners = new Set<() => void>();

/** Calls `listener` at every signal that asks us to end, until the returned function is called. */
export function onEndSignal(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** From here on a signal, or the end of whoever started us, is told to the listeners; where there are none, we end. */
export function listenForSignals(): void {
  const told = (): void => {
    if (listeners.size === 0) process.exit(ENDED_BY_SIGNAL);
    for (const listener of listeners) listener();
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, told);
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    told();
  }, PARENT_EVERY_MS);
  watch.unref();
}

/** Ends a program that we run, and us with it. */
export function endWith(program: { kill(): boolean }): never {
  program.kill();
  process.exit(ENDED_BY_SIGNAL);
}
