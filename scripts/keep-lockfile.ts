import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './root.ts';

/**
 * To be run after `npm install PACKAGE`, which drops from the lock file that better-sqlite3 is not to be compiled (its own
 * manifest says so, and it brings its binaries). Without it npm 10 asks for a compiler, which a bare machine lacks.
 */
const file = join(ROOT, 'package-lock.json');
const text = readFileSync(file, 'utf8');
const entry = /"node_modules\/better-sqlite3": \{\n(?<indent> +)"version": .*\n(?! +"gypfile")/;
writeFileSync(
  file,
  text.replace(entry, (found, indent: string) => `${found}${indent}"gypfile": false,\n`),
);
