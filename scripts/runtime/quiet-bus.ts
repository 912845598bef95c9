import { Transform } from 'node:stream';

/** What Chromium says of machines without D-Bus; it is harmless, and hides what matters. */
const HARMLESS = /ERROR:(bus|object_proxy)\.cc\(\d+\)\]/;

/** Passes whole lines on, but for the complaints about a missing D-Bus. */
export function quietBus(): Transform {
  let rest = '';
  return new Transform({
    decodeStrings: false,
    transform(chunk: string | Buffer, _encoding, done) {
      const lines = (rest + chunk.toString()).split('\n');
      rest = lines.pop() ?? '';
      done(
        null,
        lines
          .filter((line) => !HARMLESS.test(line))
          .map((line) => `${line}\n`)
          .join(''),
      );
    },
    flush(done) {
      done(null, HARMLESS.test(rest) ? '' : rest);
    },
  });
}
