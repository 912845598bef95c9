import { createHash } from 'node:crypto';
import { mkdir, open, readdir, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { crc32 } from 'node:zlib';
import { readCompact, writeCompact } from './compact-file.ts';
import type { ReadTrace } from './format.ts';
import type { ReadTraceOptions } from './read-trace.ts';
import { readTrace } from './read-trace.ts';
import { TraceError } from './trace-error.ts';

/** What the names of stored traces end with. */
export const STORED_ENDING = '.tmemtrace';
const EDGE_BYTES = 65_536;
const STALE_MS = 3_600_000;

/** A trace, where it came from, and why its stored form could not be used or written, if so. */
export interface LoadedTrace {
  readonly trace: ReadTrace;
  readonly from: 'stored' | 'decoded';
  /** Why nothing was stored (read-only folder, full disk); null when all is well. */
  readonly notStored: string | null;
}

/**
 * Loads a trace from its stored form in `cacheFolder`, or decodes it and stores that form for the next time. The stored form belongs to the
 * file's path and the way it is read, and is used only while the file's size, time of change and first and last 64 KiB are the same. A damaged or
 * half-written form is decoded anew; a folder that cannot be written costs the time of decoding, nothing else.
 * What is stored has its times, whatever the options say. A file that is itself a stored form (an imported trace) is used as it is.
 * @throws TraceError when the source cannot be read or is no whole trace.
 */
export async function loadTrace(
  sourceFile: string,
  cacheFolder: string,
  options: Omit<ReadTraceOptions, 'withoutTimes'> = {},
): Promise<LoadedTrace> {
  if (sourceFile.endsWith(STORED_ENDING))
    return { trace: await importedTrace(sourceFile), from: 'stored', notStored: null };
  const source = await identityOf(sourceFile);
  if (source === null) return { trace: await readTrace(sourceFile, options), from: 'decoded', notStored: null };
  const { format = 'auto', unit = 'page', csv, offsetUnit, sizeUnit } = options;
  const given = JSON.stringify({ ...csv, offsetUnit, sizeUnit });
  const how = [resolve(sourceFile), format.toLowerCase(), unit, given];
  const place = createHash('sha256').update(how.join('\0')).digest('hex');
  const file = join(cacheFolder, `${basename(sourceFile).slice(0, 80)}.${place.slice(0, 16)}${STORED_ENDING}`);
  const stored = await readCompact(file).catch(() => null);
  if (stored?.source === source) return { trace: stored.trace, from: 'stored', notStored: null };

  const trace = await readTrace(sourceFile, options);
  try {
    await ensureFolder(resolve(cacheFolder));
    await removeStale(cacheFolder);
    await writeCompact(file, trace, source);
    return { trace, from: 'decoded', notStored: null };
  } catch (error) {
    return { trace, from: 'decoded', notStored: error instanceof Error ? error.message : String(error) };
  }
}

/** A trace that is kept in its stored form only. */
async function importedTrace(file: string): Promise<ReadTrace> {
  try {
    return (await readCompact(file)).trace;
  } catch (error) {
    const remedy = 'Import the trace again from the file that it was made from.';
    if (error instanceof TraceError) throw new TraceError(error.code, error.message, remedy, { cause: error });
    const reason = error instanceof Error ? error.message : String(error);
    throw new TraceError('bad-trace', `The stored trace ${file} cannot be read (${reason}).`, remedy, { cause: error });
  }
}

/** What tells one state of a file from another without reading all of it; null when it cannot be read at all. */
async function identityOf(file: string): Promise<string | null> {
  const handle = await open(file, 'r').catch(() => null);
  if (!handle) return null;
  try {
    const { size, mtimeMs } = await handle.stat();
    const edge = new Uint8Array(EDGE_BYTES);
    const first = await handle.read(edge, 0, EDGE_BYTES, 0);
    const head = crc32(edge.subarray(0, first.bytesRead));
    const last = await handle.read(edge, 0, EDGE_BYTES, Math.max(0, size - EDGE_BYTES));
    const tail = crc32(edge.subarray(0, last.bytesRead));
    return [size, mtimeMs, head, tail].join(' ');
  } catch {
    return null; // A directory, a broken disk: the reader says so.
  } finally {
    await handle.close();
  }
}

/** Makes a folder and those above it. Node's own recursive mkdir never returns where the parent refuses with ENOENT, as in /proc. */
async function ensureFolder(folder: string): Promise<void> {
  if (await isFolder(folder)) return;
  const parent = dirname(folder);
  if (parent !== folder) await ensureFolder(parent);
  await mkdir(folder).catch(async (error: unknown) => {
    // Another process may have made it meanwhile.
    if (!(await isFolder(folder))) throw error;
  });
}

async function isFolder(path: string): Promise<boolean> {
  const status = await stat(path).catch(() => null);
  return status?.isDirectory() ?? false;
}

/** Removes what a killed process left half written an hour ago or longer. */
async function removeStale(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (!/\.tmemtrace\.[0-9a-f-]{36}\.tmp$/.test(name)) continue;
    const path = join(folder, name);
    const status = await stat(path).catch(() => null);
    if (status && Date.now() - status.mtimeMs > STALE_MS) await rm(path, { force: true });
  }
}
