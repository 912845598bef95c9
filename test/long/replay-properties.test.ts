import { it } from 'vitest';
import { checkAgainstReference } from '../host/replay/properties.ts';

it('replays 20,000 scenarios as the plain reference does', () => {
  const seed = Math.floor(Math.random() * 2 ** 31);
  process.stderr.write(`replays: seed ${seed}\n`);
  checkAgainstReference({ numRuns: 20_000, seed });
});
