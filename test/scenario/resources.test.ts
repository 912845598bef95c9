import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findResources } from '#main/scenario/resources.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tmem-installed-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** What ships, in a folder. */
function ship(...place: string[]): string {
  const to = join(folder, ...place);
  cpSync('resources/scenarios/three-real-traces.json', join(to, 'scenarios', 'three-real-traces.json'));
  return to;
}

function program(...place: string[]): string {
  const at = join(folder, ...place);
  mkdirSync(at, { recursive: true });
  return at;
}

describe('what ships with the console is found', () => {
  it('in a checkout, from its sources and from its build', () => {
    const resources = resolve('resources');
    expect(findResources({ programFolder: resolve('src-main/cli') })).toBe(resources);
    expect(findResources({ programFolder: resolve('out/main') })).toBe(resources);
  });

  it('in an installed package, beside the packed program, by the window and by the command line', () => {
    const resourcesPath = ship('opt', 'tmem-console', 'resources');
    for (const packed of ['app', 'app.asar', 'app.asar.unpacked']) {
      const programFolder = program('opt', 'tmem-console', 'resources', packed, 'out', 'main');
      expect(findResources({ programFolder, resourcesPath })).toBe(resourcesPath);
      expect(findResources({ programFolder })).toBe(resourcesPath);
    }
  });

  it('in an installed package that packs them with its program, or keeps them in a folder of their own', () => {
    const programFolder = program('opt', 'resources', 'app', 'out', 'main');
    const resourcesPath = join(folder, 'opt', 'resources');
    const packed = ship('opt', 'resources', 'app', 'resources');
    expect(findResources({ programFolder, resourcesPath })).toBe(packed);
    const own = ship('opt', 'resources', 'resources');
    expect(findResources({ programFolder, resourcesPath })).toBe(own);
  });

  it('or else it is said where it was looked for', () => {
    const programFolder = program('opt', 'resources', 'app', 'out', 'main');
    expect(() => findResources({ programFolder, resourcesPath: join(folder, 'opt', 'resources') })).toThrow(
      /not to be found\. Looked at: .*opt\/resources, /,
    );
  });
});
