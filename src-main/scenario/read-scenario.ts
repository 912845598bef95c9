import { readFile } from 'node:fs/promises';
import * as v from 'valibot';
import { ConsoleError } from '#contract/errors.ts';
import { ConfigValueError } from '../host/config-value.ts';
import { Random } from '../host/random.ts';
import { createScheduler } from '../host/schedule/create-scheduler.ts';
import { createWorkload } from '../host/workload/create-workload.ts';
import { badScenario, EventProblem, problemOf } from './bad-scenario.ts';
import { AS_IS } from './claims/measure-kind.ts';
import { withLives } from './lives.ts';
import { type PathSetting, setPath } from './path-setting.ts';
import { type Scenario, type ScenarioInFile, ScenarioSchema } from './scenario-schema.ts';
import { schedulersOf } from './schedule-schema.ts';
import { timedCommands } from './timed-commands.ts';
import { varied } from './variants.ts';
import { workloadOf } from './workload-schema.ts';

/**
 * Reads and checks a scenario file.
 * @param settings what to put into it before it is checked, whatever the variant says of it
 * @param variant which of its variants is wanted; see {@link varied}
 * @throws ConsoleError `bad-scenario` with the JSON path of the first thing that does not fit, `bad-argument` for a setting
 * whose path leads nowhere
 */
export async function readScenario(
  file: string,
  settings: readonly PathSetting[] = [],
  variant: string = AS_IS,
): Promise<Scenario> {
  let json: unknown;
  try {
    json = JSON.parse((await readFile(file, 'utf8')).replace(/^\uFEFF/, ''));
  } catch (error) {
    throw new ConsoleError(
      'bad-scenario',
      `The scenario file ${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`,
      'Check that the file exists and is JSON.',
      { cause: error },
    );
  }
  for (const setting of settings) setPath(json, setting);
  const scenario = checkedWithVariants(json, file);
  if (variant === AS_IS) return withLives(scenario);
  const wanted = varied(json, scenario, variant);
  // What is asked for by name goes before what the variant says of the same.
  for (const setting of settings) setPath(wanted, setting);
  return withLives(checked(wanted, file));
}

/** Checks a scenario with all its variants. @param file its name for errors. @throws ConsoleError `bad-scenario` */
export function checkScenario(json: unknown, file: string): Scenario {
  return withLives(checkedWithVariants(json, file));
}

function checkedWithVariants(json: unknown, file: string): ScenarioInFile {
  const scenario = checked(json, file);
  scenario.variants.forEach(({ name }, place) => {
    try {
      checked(varied(json, scenario, name), file);
    } catch (error) {
      const { message } = ConsoleError.failureOf(error);
      const reason = message.replace(`The scenario file ${file} does not fit: `, '').replace(/\.$/, '');
      throw badScenario(file, `variants.${place}.set: ${reason}`);
    }
  });
  return scenario;
}

function checked(json: unknown, file: string): ScenarioInFile {
  const parsed = v.safeParse(ScenarioSchema, json);
  if (!parsed.success) throw badScenario(file, problemOf(parsed.issues[0]));
  try {
    tryOut(parsed.output);
  } catch (error) {
    if (error instanceof EventProblem) throw badScenario(file, error.message);
    if (error instanceof ConfigValueError) throw badScenario(file, error.message.replace(/\.$/, ''));
    throw error;
  }
  return parsed.output;
}

/** Makes the parts that have rules of their own beyond the schema, and forgets them. @throws EventProblem, ConfigValueError */
function tryOut(scenario: ScenarioInFile): void {
  const { guests, schedule } = scenario;
  timedCommands(scenario);
  withLives(scenario);
  guests.forEach(({ workload }, place) => {
    if (workload !== undefined) createWorkload(workloadOf(workload), new Random(0, 1), `guests.${place}.workload`);
  });
  const names = guests.map(({ name }) => name);
  for (const scheduler of schedulersOf(schedule, names)) createScheduler(scheduler, guests.length);
}
