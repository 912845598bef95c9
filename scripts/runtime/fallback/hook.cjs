'use strict';
// Preloaded into every Node of the fallback runtime (main process, worker threads, utility processes): better-sqlite3 of
// the checkout needs a newer Node and would crash here, so its name leads to the one that was built for this Electron.
if (process.versions.electron) {
  const Module = require('node:module');
  const { join } = require('node:path');
  const resolve = Module._resolveFilename;
  const own = join(__dirname, 'dist/resources/app/node_modules/better-sqlite3');
  Module._resolveFilename = function (request, ...rest) {
    return resolve.call(this, request === 'better-sqlite3' ? own : request, ...rest);
  };
}
