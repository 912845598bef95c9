import { listenForSignals } from './signals.ts';

/** Something a person has to know or do before the console can run: a whole sentence, and the remedy where there is one. */
export class LaunchError extends Error {
  readonly remedy: string | undefined;

  constructor(message: string, remedy?: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'LaunchError';
    this.remedy = remedy;
  }
}

/** One line of progress, on stderr: stdout belongs to whatever is started. */
export function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** Runs a script's main function; what it throws is told in a sentence and ends the process with 1. */
export function runScript(main: () => Promise<number>): void {
  listenForSignals();
  main().then(
    (code) => process.exit(code),
    (thrown: unknown) => {
      if (thrown instanceof LaunchError) {
        say(thrown.message);
        if (thrown.remedy !== undefined) say(thrown.remedy);
      } else {
        say(thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown));
      }
      process.exit(1);
    },
  );
}
