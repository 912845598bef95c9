import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { ConsoleError } from '#contract/errors.ts';

/** What tells the folder of what ships from any other. */
const MARK = join('scenarios', 'three-real-traces.json');

/** How the program lies on this machine. */
export interface ProgramPlace {
  /** Folder of the running program: `out/main` of a build, `src-main/cli` of the sources. */
  readonly programFolder: string;
  /** Electron's folder of resources, in an installed package. */
  readonly resourcesPath?: string;
}

/**
 * The folder of what ships with the console: `scenarios`, `traces`, `schemas` and `recorder`. An installed package has it
 * beside or as the folder that its program is packed in; a checkout has it at its top.
 * @throws ConsoleError `internal` with the places looked at, where it is in none
 */
export function findResources({ programFolder, resourcesPath }: ProgramPlace): string {
  const root = resolve(programFolder, '..', '..');
  const places = [
    ...(resourcesPath === undefined ? [] : [resourcesPath, join(resourcesPath, 'resources')]),
    join(root, 'resources'),
    // `resources/app.asar/out/main` and its like: what is packed lies in Electron's folder of resources.
    resolve(root, '..'),
  ];
  const found = places.find((place) => existsSync(join(place, MARK)));
  if (found !== undefined) return found;
  throw new ConsoleError(
    'internal',
    `What ships with the console (scenarios, traces) is not to be found. Looked at: ${places.join(', ')}.`,
    'Install the console anew.',
  );
}
