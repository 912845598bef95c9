import type { Scenario } from './scenario-schema.ts';
import type { WorkloadInFile } from './workload-schema.ts';

const number = (value: number): string => new Intl.NumberFormat('en').format(value);
const MS_PER_S = 1_000;

/** What a guest runs, in words: "compiling a C library · 6,000 accesses/s for 45 s, 600 for 15 s". */
export function workloadText({ runs, pace, workload, writes, lifeOf }: Scenario['guests'][number]): string {
  const played = writes === 'as-reads' ? `${paceText(pace)}, writes as reads` : paceText(pace);
  const what = workload === undefined ? played : programText(workload);
  const life = lifeOf === undefined ? [] : [`${lifeOf} started again`];
  return [...life, ...(runs === undefined ? [] : [runs]), what].join(' · ');
}

function paceText(pace: Scenario['guests'][number]['pace']): string {
  return (pace?.phases ?? [])
    .map((phase, place) =>
      phase.accessesPerS === 0
        ? `quiet for ${phase.s} s`
        : `${number(phase.accessesPerS)}${place === 0 ? ' accesses/s' : ''} for ${phase.s} s`,
    )
    .join(', ');
}

function programText(workload: WorkloadInFile): string {
  switch (workload.kind) {
    case 'phases':
      return `${workload.phases.length} phases: ${workload.phases.map(({ ms, work }) => `${work?.kind ?? 'quiet'} ${number(ms / MS_PER_S)} s`).join(', ')}`;
    case 'together':
      return workload.works.map(programText).join(' with ');
    case 'on-off':
      return `${programText(workload.work)}, ${number(workload.onMs / MS_PER_S)} s on, ${number(workload.offMs / MS_PER_S)} s off`;
    case 'day-night':
      return `${programText(workload.work)} by day and night`;
    case 'compile':
      return `compile of ${number(workload.units)} units`;
    case 'zipf-files':
    case 'scan':
    case 'database':
    case 'usemem':
    case 'boot':
    case 'idle':
      return `${workload.kind}, ${number(workload.accessesPerS)} accesses/s`;
  }
}
