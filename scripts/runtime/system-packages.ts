import { createInterface } from 'node:readline/promises';
import { LaunchError, say } from '../say.ts';
import { collect, hasProgram } from '../run.ts';

/** What Electron needs beyond a bare Debian or Ubuntu. */
const LIBRARY_PACKAGES = ['libgtk-3-0', 'libnss3', 'libasound2', 'libgbm1'];
/** What a display of our own needs. */
const DISPLAY_PACKAGES = ['xvfb'];

/** What is missing on this machine, and the packages of Debian and Ubuntu that bring it. */
type Missing = { things: string[]; packages: string[] };

/** Libraries that the program of an Electron distribution names and this machine does not have (Linux only). */
async function missingLibraries(program: string): Promise<string[]> {
  if (process.platform !== 'linux' || !hasProgram('ldd')) return [];
  const { output } = await collect('ldd', [program]);
  return missingIn(output);
}

/** The libraries that `ldd` did not find. */
export function missingIn(lddOutput: string): string[] {
  return [...lddOutput.matchAll(/^\s*(\S+) => not found$/gm)].map((match) => match[1] ?? '');
}

/** What an Electron at `program` lacks here, and a display of our own if one is `needed`. */
async function missingHere(program: string, needed: { display: boolean }): Promise<Missing> {
  const libraries = await missingLibraries(program);
  const display = needed.display && !hasProgram('Xvfb') ? ['Xvfb'] : [];
  return {
    things: [...libraries, ...display],
    packages: [...(libraries.length > 0 ? LIBRARY_PACKAGES : []), ...(display.length > 0 ? DISPLAY_PACKAGES : [])],
  };
}

/** Who may be asked, and what may be done without asking. */
type Situation = { root: boolean; terminal: boolean; ci: boolean };

function situationHere(): Situation {
  return {
    root: process.getuid?.() === 0,
    terminal: process.stdin.isTTY || process.stdout.isTTY,
    ci: !['', '0', 'false'].includes(process.env['CI'] ?? ''),
  };
}

/** Packages are installed unasked only where nobody could be asked: as root without a terminal, or with CI set. */
export function mayInstallUnasked(situation: Situation): boolean {
  return situation.ci || (situation.root && !situation.terminal);
}

/**
 * Makes sure that nothing is missing: says what is, prints the exact apt-get line, and runs it where it may.
 *
 * @throws LaunchError if something stays missing.
 */
export async function ensureSystemPackages(program: string, needed: { display: boolean }): Promise<void> {
  const missing = await missingHere(program, needed);
  if (missing.things.length === 0) return;
  const sentence = `This machine lacks ${missing.things.join(', ')}.`;
  if (!hasProgram('apt-get')) {
    throw new LaunchError(sentence, 'Install the packages of your system that bring them, then try again.');
  }
  const situation = situationHere();
  const line = aptLine(missing.packages, await usesT64Names(), situation);
  say(sentence);
  if (!mayInstallUnasked(situation) && !(await agreed(line))) throw new LaunchError(`Install them with:\n  ${line}`);
  say(`Running: ${line}`);
  const { code, output } = await collect('sh', ['-c', line]);
  const still = await missingHere(program, needed);
  if (still.things.length > 0) {
    throw new LaunchError(
      `${output}apt-get ended with ${code}, and this machine still lacks ${still.things.join(', ')}.`,
      `Install them by hand: ${line}`,
    );
  }
}

/** The exact line: quiet, and asking nothing itself. */
export function aptLine(packages: readonly string[], t64Names: boolean, { root }: Pick<Situation, 'root'>): string {
  const sudo = root ? '' : 'sudo ';
  const names = packages.map((name) => (t64Names && ['libgtk-3-0', 'libasound2'].includes(name) ? `${name}t64` : name));
  return (
    `${sudo}apt-get update -qq && ${sudo}env DEBIAN_FRONTEND=noninteractive ` +
    `apt-get install -y -qq --no-install-recommends ${names.join(' ')}`
  );
}

/** Debian 13 and Ubuntu 24.04 gave the libraries with 64-bit time other names. */
async function usesT64Names(): Promise<boolean> {
  const { output } = await collect('sh', ['-c', '. /etc/os-release && echo "$ID $VERSION_ID"']);
  const [id, version] = output.trim().split(' ');
  return (id === 'debian' && Number(version) >= 13) || (id === 'ubuntu' && Number(version) >= 24.04);
}

async function agreed(line: string): Promise<boolean> {
  if (!process.stdin.isTTY) return false;
  const questions = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^(y|yes|)$/i.test((await questions.question(`May I run this?\n  ${line}\n[Y/n] `)).trim());
  } finally {
    questions.close();
  }
}
