import { readFileSync } from 'node:fs';
import * as v from 'valibot';
import { type ScenarioRef, ScenarioRefSchema } from '#contract/scenarios.ts';
import { keepWhole } from './keep-whole.ts';

const FileSchema = v.strictObject({ version: v.literal(1), scenario: ScenarioRefSchema });

/** Which scenario is the live host: remembered, so that it is live again when the console is started again. */
export class OpenedScenario {
  private readonly file: string;
  private current: ScenarioRef;

  /**
   * @param file where it is remembered
   * @param named the scenario that the console was started with: it goes before the remembered one
   * @param unless what is open where nothing was remembered
   */
  constructor(file: string, named: ScenarioRef | null, unless: ScenarioRef) {
    this.file = file;
    this.current = named ?? remembered(file) ?? unless;
  }

  get scenario(): ScenarioRef {
    return this.current;
  }

  /** Remembers it, whole or not at all. @throws ConsoleError `file-unwritable` */
  async set(scenario: ScenarioRef): Promise<void> {
    const content: v.InferInput<typeof FileSchema> = { version: 1, scenario };
    await keepWhole(this.file, `${JSON.stringify(content, null, 2)}\n`);
    this.current = scenario;
  }
}

function remembered(file: string): ScenarioRef | null {
  try {
    const read = v.safeParse(v.pipe(v.string(), v.parseJson(), FileSchema), readFileSync(file, 'utf8'));
    // A named scenario was named for one session only.
    return read.success && read.output.scenario.origin !== 'named' ? read.output.scenario : null;
  } catch {
    // None yet, or none that can be read: the history says by itself what it recorded.
    return null;
  }
}
