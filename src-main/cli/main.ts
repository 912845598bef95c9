#!/usr/bin/env node
import { Command, CommanderError } from 'commander';
import { ConsoleError } from '#contract/errors.ts';
import { auditCommand } from './commands/audit.ts';
import { backupCommand, restoreCommand } from './commands/backup.ts';
import { curvesCommand } from './commands/curves.ts';
import { opsCommand } from './commands/ops.ts';
import { replayCommand } from './commands/replay.ts';
import { reportCommand } from './commands/report.ts';
import { tuneCommand } from './commands/tune.ts';
import { whatIfCommand } from './commands/what-if.ts';
import { EXIT_CANCELLED, EXIT_FAILED, EXIT_USAGE } from './exit-codes.ts';

const program = new Command('tmem-console')
  .description('The console for a host with transcendent memory, without its window.')
  .addCommand(auditCommand())
  .addCommand(backupCommand())
  .addCommand(curvesCommand())
  .addCommand(opsCommand())
  .addCommand(replayCommand())
  .addCommand(restoreCommand())
  .addCommand(tuneCommand())
  .addCommand(whatIfCommand())
  .addCommand(reportCommand())
  .addHelpText('after', '\nExit codes: 0 done, 1 failed, 2 wrong arguments or malformed input, 130 cancelled.');
for (const command of [program, ...program.commands, ...program.commands.flatMap(({ commands }) => commands)])
  command.exitOverride().showHelpAfterError(false);

/** Codes of errors that are about what the user wrote. */
const USAGE_ERRORS: ReadonlySet<string> = new Set(['bad-argument', 'bad-script', 'bad-scenario', 'bad-trace']);

program.parseAsync().catch((error: unknown) => {
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
