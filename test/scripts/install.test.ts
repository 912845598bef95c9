import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';

const ROOT = resolve(import.meta.dirname, '..', '..');
const Names = v.optional(v.record(v.string(), v.string()), {});
const LockSchema = v.object({
  packages: v.record(
    v.string(),
    v.object({ gypfile: v.optional(v.boolean()), dependencies: Names, optionalDependencies: Names }),
  ),
});
const ManifestSchema = v.object({ allowScripts: v.record(v.string(), v.boolean()) });

const read = (name: string): unknown => JSON.parse(readFileSync(resolve(ROOT, name), 'utf8'));
const { packages } = v.parse(LockSchema, read('package-lock.json'));

/** Whether Node would find `name` from the package at `place`: beside it, or in a folder above. */
function isLocked(place: string, name: string): boolean {
  const folders = place
    .split('/node_modules/')
    .map((_part, index, parts) => parts.slice(0, index + 1).join('/node_modules/'));
  return ['', ...folders.map((folder) => `${folder}/`)].some((above) => `${above}node_modules/${name}` in packages);
}

describe('npm ci on a machine that has never seen the project', () => {
  it('compiles nothing: better-sqlite3 brings its binaries, and a bare machine has no compiler', () => {
    const { allowScripts } = v.parse(ManifestSchema, read('package.json'));
    expect(allowScripts, 'npm 11 asks package.json').toMatchObject({ 'better-sqlite3': false });
    expect(
      packages['node_modules/better-sqlite3']?.gypfile,
      'npm 10 knows only the lock file, and npm install drops this from it: run node scripts/keep-lockfile.ts',
    ).toBe(false);
  });

  it('finds every package that the lock file names, those of other platforms too, or it would refuse the lock file', () => {
    const missing = Object.entries(packages).flatMap(([place, { dependencies, optionalDependencies }]) =>
      Object.keys({ ...dependencies, ...optionalDependencies })
        .filter((name) => !isLocked(place, name))
        .map((name) => `${place}: ${name}`),
    );
    expect(missing).toEqual([]);
  });
});
