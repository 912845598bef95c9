'use strict';
// Stands in for Electron's own default app, which a packed build lacks: loads the app folder named on the command line,
// after the modules named by -r (Playwright holds the app back with one until it has connected).
const { readFileSync } = require('node:fs');
const { join, resolve } = require('node:path');
const { app } = require('electron');

const words = process.argv.slice(1);
let folder;
while (folder === undefined && words.length > 0) {
  const word = words.shift();
  if (word === '-r' || word === '--require') require(resolve(words.shift()));
  else if (!word.startsWith('-')) folder = resolve(word);
}
if (folder === undefined) {
  process.stderr.write('Name the folder of an app: electron [flags] FOLDER.\n');
  process.exit(2);
}
const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
app.setName(manifest.productName ?? manifest.name);
app.setVersion(manifest.version);
app.setAppPath(folder);
require(join(folder, manifest.main));
