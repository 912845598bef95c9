import { toJsonSchema } from '@valibot/to-json-schema';
import { ScenarioSchema } from '#main/scenario/scenario-schema.ts';

/** The JSON Schema of scenario files, as it is published. What valibot checks beyond the language is left out. */
export function publishedSchema(): object {
  const { $schema, ...schema } = toJsonSchema(ScenarioSchema, { errorMode: 'ignore', typeMode: 'input' });
  return {
    $schema,
    $id: 'tmem-console-scenario-1',
    title: 'Tmem Console scenario',
    description:
      'A modelled host with transcendent memory, what its guests run, and what happens when. Memory is in MiB (sizes of workloads in pages of 4 KiB), time in seconds unless the name says ms or µs. Beyond this schema: names are unique, minMiB ≤ ramMiB ≤ maxMiB, a guest has either trace and pace or workload, and the guests fit into the host.',
    ...schema,
  };
}
