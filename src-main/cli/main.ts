#!/usr/bin/env node
import { Command, CommanderError } from 'commander';
import { ConsoleError } from '#contract/errors.ts';
import { EXIT_CANCELLED, EXIT_FAILED, EXIT_USAGE } from './exit-codes.ts';

/** The commands. Each is loaded only when it is asked for: a replay need not wait for what reports are made of. */
const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  audit: async () => (await import('./commands/audit.ts')).auditCommand(),
  backup: async () => (await import('./commands/backup.ts')).backupCommand(),
  curves: async () => (await import('./commands/curves.ts')).curvesCommand(),
  import: async () => (await import('./commands/import.ts')).importCommand(),
  ops: async () => (await import('./commands/ops.ts')).opsCommand(),
  replay: async () => (await import('./commands/replay.ts')).replayCommand(),
  report: async () => (await import('./commands/report.ts')).reportCommand(),
  restore: async () => (await import('./commands/backup.ts')).restoreCommand(),
  run: async () => (await import('./commands/run.ts')).runCommand(),
  tune: async () => (await import('./commands/tune.ts')).tuneCommand(),
  'what-if': async () => (await import('./commands/what-if.ts')).whatIfCommand(),
};

/** Codes of errors that are about what the user wrote. */
const USAGE_ERRORS: ReadonlySet<string> = new Set([
  'bad-argument',
  'bad-script',
  'bad-scenario',
  'bad-trace',
  'bad-study',
]);

async function run(): Promise<void> {
  const program = new Command('tmem-console')
    .description('The console for a host with transcendent memory, without its window.')
    .addHelpText('after', '\nExit codes: 0 done, 1 failed, 2 wrong arguments or malformed input, 130 cancelled.');
  const asked = Object.entries(COMMANDS).filter(([name]) => name === process.argv[2]);
  // Help, and whatever is no command, needs all of them.
  for (const [, load] of asked.length > 0 ? asked : Object.entries(COMMANDS)) program.addCommand(await load());
  for (const command of [program, ...program.commands, ...program.commands.flatMap(({ commands }) => commands)])
    command.exitOverride().showHelpAfterError(false);
  await program.parseAsync();
}

run().catch((error: unknown) => {
  if (error instanceof CommanderError) {
    // Commander has printed it; asking for help is no error.
    process.exitCode = error.exitCode === 0 ? 0 : EXIT_USAGE;
    return;
  }
  const failure = ConsoleError.failureOf(error);
  process.stderr.write(`tmem-console: ${failure.message}${failure.remedy === undefined ? '' : ` ${failure.remedy}`}\n`);
  if (failure.code === 'cancelled') process.exitCode = EXIT_CANCELLED;
  else process.exitCode = USAGE_ERRORS.has(failure.code) ? EXIT_USAGE : EXIT_FAILED;
});
