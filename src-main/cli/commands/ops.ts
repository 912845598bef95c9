import { createReadStream } from 'node:fs';
import { Command, Option } from 'commander';
import { ConsoleError } from '#contract/errors.ts';
import { POLICY_NAMES, type PolicyName } from '#main/host/tmem/policies/index.ts';
import { linesOf } from '../ops-script/script-lines.ts';
import { ScriptRunner } from '../ops-script/script-runner.ts';
import { Output } from '../output.ts';

const HELP = `
The script language (one operation a line, # starts a comment, numbers decimal, ids and uuids hexadecimal):
  heap PAGES [RESERVE] | meta 0 | compress 0|1                    only before the first operation
  domain C RAM MAX | balloon C CHANGE | maxmem C MAX | destroy_client C
  newpool C eph|pers private|shared [UUID0 UUID1 [FLAGS]] | destroy_pool C POOL
  put C POOL OID0 OID1 OID2 INDEX FILL | get C POOL OID0 OID1 OID2 INDEX
  flush_page C POOL OID0 OID1 OID2 INDEX | flush_obj C POOL OID0 OID1 OID2
  weight C|all W | setcompress C|all 0|1 | freeze|thaw|destroy C|all
  auth C|all UUID0 UUID1 0|1 | shared_auth_global 0|1
  flush_mem KIB | evict N [C] | freeable_mb | list C|all 0|1 | mem | stat

The store runs in conformance mode: with xen-shipped it prints what Xen 4.12 printed, byte for byte, quirks included.
Where an assertion of Xen would have fired it prints "ABORT line N: …" and stops.`;

/** `tmem-console ops`: runs a script of tmem operations against the store and prints each result. */
export function opsCommand(): Command {
  return new Command('ops')
    .summary('run a script of tmem operations as Xen would')
    .description('Runs a script of tmem operations on a store in conformance mode and prints the result of each.')
    .argument('<script>', 'the script, or - for standard input')
    .addOption(
      new Option('--policy <name>', 'eviction policy')
        .choices(POLICY_NAMES)
        .default('xen-shipped' satisfies PolicyName),
    )
    .addHelpText('after', HELP)
    .action(async (script: string, options: { policy: PolicyName }) => {
      await runScript(script, options.policy);
    });
}

async function runScript(script: string, policy: PolicyName): Promise<void> {
  const runner = new ScriptRunner(policy);
  const output = new Output();
  const input = script === '-' ? process.stdin : createReadStream(script);
  input.setEncoding('utf8');
  try {
    for await (const line of linesOf(input as AsyncIterable<string>)) {
      output.write(runner.run(line));
      if (output.isFull) await output.flush();
      if (runner.aborted || output.closed) break;
    }
  } catch (error) {
    if (!(error instanceof Error && 'syscall' in error)) throw error;
    throw new ConsoleError('bad-argument', `The script ${script} can't be read: ${error.message}.`);
  } finally {
    // What ran before a malformed line stays printed.
    await output.flush();
  }
}
