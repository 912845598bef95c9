import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect } from 'vitest';
import type { ReadTrace } from '#main/trace/format.ts';
import type { ReadTraceOptions } from '#main/trace/read-trace.ts';
import { readTrace } from '#main/trace/read-trace.ts';
import { TraceError } from '#main/trace/trace-error.ts';

export const repository = join(import.meta.dirname, '../..');

/** A folder of this test file's own, removed at its end. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'tmem-trace-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Writes a file into the folder and reads it as a trace. */
export async function readFrom(
  folder: string,
  name: string,
  content: string | Uint8Array,
  options: ReadTraceOptions = {},
): Promise<ReadTrace> {
  const file = join(folder, name);
  writeFileSync(file, content);
  return readTrace(file, options);
}

/** The error with which reading ends. */
export async function errorOf(reading: Promise<unknown>): Promise<TraceError> {
  const error: unknown = await reading.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(TraceError);
  return error as TraceError;
}

/** The references as "file[index]", for reading in a test. */
export function references({ pages, fileOfPage, indexOfPage, fileNames }: ReadTrace): string[] {
  return Array.from(pages, (page) => `${fileNames[fileOfPage[page] ?? -1] ?? '?'}[${indexOfPage[page] ?? '?'}]`);
}

/** One record of oracleGeneral, or with `op` or `tenant` of oracleGeneralOpNS. */
export interface OracleRecord {
  readonly time: number;
  readonly object: bigint;
  readonly size: number;
  readonly next?: bigint;
  readonly op?: number;
  readonly tenant?: number;
}

export function oracleBytes(records: readonly OracleRecord[], withTenant = false): Uint8Array {
  const length = withTenant ? 27 : 24;
  const bytes = new Uint8Array(records.length * length);
  const view = new DataView(bytes.buffer);
  records.forEach(({ time, object, size, next = -1n, op = 1, tenant = 0 }, record) => {
    const at = record * length;
    view.setUint32(at, time, true);
    view.setBigUint64(at + 4, object, true);
    view.setUint32(at + 12, size, true);
    if (withTenant) {
      view.setUint8(at + 16, op);
      view.setUint16(at + 17, tenant, true);
    }
    view.setBigInt64(at + length - 8, next, true);
  });
  return bytes;
}

/** A line of ftrace. */
export function event(seconds: string, text: string, comm = 'cat-77'): string {
  return `${comm.padStart(16)}   [001] .....  ${seconds}: mm_filemap_${text}\n`;
}
