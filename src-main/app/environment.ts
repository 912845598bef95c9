import { isAbsolute } from 'node:path';
import * as v from 'valibot';
import { ConsoleError } from '#contract/errors.ts';

/** What the environment may ask of the app. Everything is optional; an empty variable is as good as none. */
export type AppEnvironment = {
  /** Folder for history, settings and logs instead of the usual one. */
  userDataFolder: string | null;
  scenarioFile: string | null;
  seed: number | null;
  /** Where to save a picture of the first painted chart. */
  screenshotFile: string | null;
  /** Where reports are saved instead of asking the person: for tests; never in a packaged app. */
  reportFile: string | null;
  /** The development server of the renderer; never in a packaged app. */
  devServer: string | null;
};

const AbsolutePath = v.pipe(
  v.string(),
  v.maxLength(1_000),
  v.check((path) => isAbsolute(path) && !path.includes('\0'), 'It must be an absolute path.'),
);
const Seed = v.pipe(
  v.string(),
  v.regex(/^\d{1,15}$/, 'It must be a whole number from 0.'),
  v.transform((text) => Number(text)),
);
const DevServer = v.pipe(
  v.string(),
  v.regex(/^http:\/\/(localhost|127\.0\.0\.1|\[::1\]):\d{1,5}\/?$/, 'It must be an http address of this machine.'),
  v.transform((address) => address.replace(/\/$/, '')),
);

/**
 * Reads the variables that the app knows.
 *
 * @throws ConsoleError `bad-argument` naming the variable that does not fit.
 */
export function readEnvironment(variables: NodeJS.ProcessEnv, isPackaged: boolean): AppEnvironment {
  const read = <T>(name: string, schema: v.GenericSchema<string, T>): T | null => {
    const text = variables[name];
    if (text === undefined || text === '') return null;
    const parsed = v.safeParse(schema, text);
    if (parsed.success) return parsed.output;
    throw new ConsoleError(
      'bad-argument',
      `The environment variable ${name} is "${text.slice(0, 200)}". ${parsed.issues[0].message}`,
      'Correct it or unset it.',
    );
  };
  return {
    userDataFolder: read('TMEM_CONSOLE_USER_DATA', AbsolutePath),
    scenarioFile: read('TMEM_CONSOLE_SCENARIO', AbsolutePath),
    seed: read('TMEM_CONSOLE_SEED', Seed),
    screenshotFile: read('TMEM_CONSOLE_SCREENSHOT', AbsolutePath),
    reportFile: isPackaged ? null : read('TMEM_CONSOLE_REPORT_FILE', AbsolutePath),
    devServer: isPackaged ? null : read('ELECTRON_RENDERER_URL', DevServer),
  };
}
