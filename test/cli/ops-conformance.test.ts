import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { ScriptRunner } from '#main/cli/ops-script/script-runner.ts';
import type { PolicyName } from '#main/host/tmem/policies/index.ts';

/** Scripts, and what Xen 4.12's own tmem code printed for them: as shipped, and with its quota test turned round. */
const folder = join(import.meta.dirname, '../host/tmem/conformance');
const read = (name: string): string => gunzipSync(readFileSync(join(folder, `${name}.gz`))).toString();
const scripts = readdirSync(folder).flatMap((name) => /^(.*)\.script\.gz$/.exec(name)?.[1] ?? []);

function run(script: string, policy: PolicyName): string {
  const runner = new ScriptRunner(policy);
  return read(`${script}.script`)
    .split('\n')
    .map((line) => runner.run(line))
    .join('');
}

/** Equal texts without a diff of megabytes: on failure shows the first line that differs. */
function expectSame(printed: string, published: string): void {
  if (printed === published) return;
  const [ours, theirs] = [printed.split('\n'), published.split('\n')];
  const line = theirs.findIndex((text, at) => text !== ours[at]);
  expect(`line ${line + 1}: ${ours[line]}`).toBe(`line ${line + 1}: ${theirs[line]}`);
  expect(ours.length).toBe(theirs.length);
}

describe('ops prints what Xen printed, byte for byte', () => {
  it('has five scripts', () => expect(scripts).toHaveLength(5));
  it.each(scripts)('%s under xen-shipped', (script) => expectSame(run(script, 'xen-shipped'), read(`${script}.out`)));
  it.each(scripts)('%s under xen-documented', (script) =>
    expectSame(run(script, 'xen-documented'), read(`${script}.fixedquota.out`)),
  );
});
