import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { openPromise } from 'yauzl';

/**
 * Unpacks the files of a zip for which `placeOf` names a place (relative to `folder`), with their permissions. The reader
 * refuses entries that lead outside.
 */
export async function unzip(zip: string, folder: string, placeOf: (entry: string) => string | null): Promise<void> {
  const file = await openPromise(zip, { lazyEntries: true });
  try {
    for await (const entry of file.eachEntry()) {
      const place = entry.fileName.endsWith('/') ? null : placeOf(entry.fileName);
      if (place === null) continue;
      const target = join(folder, place);
      await mkdir(dirname(target), { recursive: true });
      const mode = (entry.externalFileAttributes >>> 16) & 0o777;
      await pipeline(
        await file.openReadStreamPromise(entry),
        createWriteStream(target, { mode: mode === 0 ? 0o644 : mode }),
      );
    }
  } finally {
    file.close();
  }
}
