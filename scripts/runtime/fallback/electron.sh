#!/bin/sh
# Starts the Electron beside it with the hook that gives it a better-sqlite3 built for it. A script, because Playwright
# takes NODE_OPTIONS out of the environment. exec: the process keeps its number.
here=$(cd "$(dirname "$0")/.." && pwd)
NODE_OPTIONS="--require=\"$here/hook.cjs\"${NODE_OPTIONS:+ $NODE_OPTIONS}"
export NODE_OPTIONS
exec "$here/dist/electron" "$@"
