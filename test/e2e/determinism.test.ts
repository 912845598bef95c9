import { describe, expect, it } from 'vitest';
import { Host } from '#main/host/host.ts';
import { GUEST_COLUMNS, HOST_COLUMNS } from '#contract/samples.ts';
import { exampleConfig } from '../host/example-config.ts';
import { launchConsole } from './harness/app.ts';
import { ask, hostMs, temporaryFolder, withHistory } from './support.ts';

const SECONDS = 90;
/** As the host gives them. */
const EVICTION_COLUMNS = [
  ...['second', 'victimId', 'beneficiaryId', 'reason', 'pages', 'poolKind'],
  ...['pagesTo1S', 'pagesTo10S', 'pagesTo1Min', 'pagesTo10Min', 'pagesTo1H', 'pagesOlder'],
];
const SINGLE_COLUMNS = [
  ...['second', 'everyNth', 'atMs', 'victimId', 'beneficiaryId'],
  ...['poolKind', 'reason', 'object', 'pageIndex', 'ageMs'],
];

describe('the same host from one seed', () => {
  it('gives the same samples and the same state inside Electron and under plain Node, as bytes', async () => {
    const console_ = await launchConsole({ userDataFolder: temporaryFolder() });
    await console_.firstChart();
    await ask(console_.page, 'host.setSpeed', { speed: 'max' });
    await expect.poll(() => hostMs(console_.page), { timeout: 60_000 }).toBeGreaterThan(SECONDS * 1000);
    await console_.close();

    const config = await exampleConfig();
    const host = new Host(config);
    host.runTo(SECONDS * 1000);
    const expected = host.takeSamples();
    withHistory(console_.userDataFolder, (database) => {
      const list = (columns: readonly string[]): string => columns.map((column) => `"${column}"`).join(', ');
      const guests = database
        .prepare(
          `SELECT ${list(GUEST_COLUMNS)} FROM guestSamples WHERE runId = 1 AND second < ? ORDER BY second, guestId`,
        )
        .raw()
        .all(SECONDS) as number[][];
      const hosts = database
        .prepare(`SELECT ${list(HOST_COLUMNS)} FROM hostSamples WHERE runId = 1 AND second < ? ORDER BY second`)
        .raw()
        .all(SECONDS) as number[][];
      const rowsOf = (table: string, columns: readonly string[]): number[][] =>
        database
          .prepare(`SELECT ${columns.join(', ')} FROM ${table} WHERE runId = 1 AND second < ? ORDER BY second, row`)
          .raw()
          .all(SECONDS) as number[][];
      const evictions = rowsOf('evictions', EVICTION_COLUMNS);
      const singles = rowsOf('evictionSamples', SINGLE_COLUMNS);
      const bytes = (values: Float64Array): Buffer => Buffer.from(values.buffer);
      expect(bytes(Float64Array.from(hosts.flat())).equals(bytes(expected.host))).toBe(true);
      expect(bytes(Float64Array.from(guests.flat())).equals(bytes(expected.guests))).toBe(true);
      // The whole state too: the checkpoint that the console left when it closed.
      const checkpoint = database
        .prepare('SELECT hostMs, stateDigest FROM checkpoints ORDER BY id DESC LIMIT 1')
        .get() as { hostMs: number; stateDigest: string };
      host.runTo(checkpoint.hostMs);
      expect(host.digest()).toBe(checkpoint.stateDigest);
      expect(evictions.length).toBeGreaterThan(0);
      expect(bytes(Float64Array.from(evictions.flat())).equals(bytes(expected.evictions))).toBe(true);
      expect(singles.length).toBeGreaterThan(0);
      expect(bytes(Float64Array.from(singles.flat())).equals(bytes(expected.evictionSamples))).toBe(true);
    });
  });
});
