import type { StudyEvent, StudyResult, TuneOrder } from '#contract/studies.ts';
import type { Objective } from '../what-if/objectives.ts';
import type { PreparedStudy } from '../what-if/prepared-study.ts';
import type { StudyOptions } from '../what-if/study.ts';
import { tune } from '../what-if/tuner.ts';

/** Looks for the setting that serves a goal best. */
export async function runTuner(study: PreparedStudy, order: TuneOrder, options: StudyOptions): Promise<StudyEvent> {
  const { start, horizonMs } = study;
  const { goal, fixed, worseAtMost } = order;
  const objective = objectiveOf(order);
  const request = { start, horizonMs, objective, weights: null, fixed, worseAtMost };
  const { changes, today, recommended, estimated, simulated, targetsMet } = await tune(request, options, study);
  const alternatives = changes.length === 0 ? [today] : [today, recommended];
  const result = { fromMs: study.parts.hostMs, horizonMs, alternatives } as unknown as StudyResult;
  return { kind: 'tuned', tuned: { goal, changes: [...changes], targetsMet, estimated, simulated }, result };
}

function objectiveOf({ goal, importance, targets }: TuneOrder): Objective {
  switch (goal) {
    case 'throughput':
      return { kind: goal, importance: new Map(importance.map(({ guestId, factor }) => [guestId, factor])) };
    case 'worst-ratio':
      return { kind: goal };
    case 'targets':
      return {
        kind: goal,
        readsPerAccess: new Map(targets.map(({ guestId, readsPerAccess }) => [guestId, readsPerAccess])),
      };
  }
}
