import { describe, expect, it } from 'vitest';
import { rangeBetween } from '#main/report/range-ends.ts';
import { reading, twoRuns } from './support.ts';

/** Run 1: axis seconds 0 to 129. Run 2: begins at 131, 200 s long, with 30 s missing. */
function range(from: string, to: string, runId: number | null = null) {
  const { file } = twoRuns();
  return reading(file, (connection) => rangeBetween(connection, { from, to, runId }));
}

describe('the ends of a range', () => {
  it.each([
    ['the whole history', 'start', 'end', null, [0, 330]],
    ['the run that was named', 'start', 'end', 1, [0, 129]],
    ['host times of the newest run', '00:00:10', '00:01:00', null, [141, 191]],
    ['seconds of the run that was named', '10', '60', 1, [10, 60]],
    ['hours beyond a day', '0', '27:46:40', null, [131, 100_131]],
  ] as const)('are those of %s', (_what, from, to, runId, [fromS, toS]) => {
    expect(range(from, to, runId)).toEqual({ fromS, toS });
  });

  it('go by the recorded map where they are wall times', () => {
    // The first run began at 1,700,000,000 s and went at the speed of the wall clock.
    expect(range('2023-11-14T22:13:30Z', '2023-11-14T22:14:20Z')).toEqual({ fromS: 10, toS: 60 });
    expect(range('2023-11-14T23:13:30+01:00', 'end')).toMatchObject({ fromS: 10 });
  });

  it('are the first and the last second there is where a wall time lies outside', () => {
    expect(range('2020-01-01T00:00:00Z', '2030-01-01T00:00:00Z')).toEqual({ fromS: 0, toS: 330 });
  });

  it('cannot begin after, nor end before, all that was recorded', () => {
    expect(() => range('2030-01-01T00:00:00Z', 'end')).toThrow(/recorded after the time --from/);
    expect(() => range('start', '2020-01-01T00:00:00Z')).toThrow(/recorded before the time --to/);
  });

  it.each(['noon', '1:2', '00:61:00', '-5', '2023-13-45T99:00:00Z', '', '1e3'])('cannot be "%s"', (text) => {
    expect(() => range(text, 'end')).toThrow(expect.objectContaining({ code: 'bad-argument' }));
  });
});
