import type { Failure } from '#contract/errors.ts';
import type { Guest } from '#contract/model.ts';
import type { RequestAnswer, RequestArgument } from '#contract/requests.ts';
import type {
  AlternativeOutcome,
  Exploration,
  HeatMap,
  Sensitivity,
  StudyResult,
  StudyStanding,
} from '#contract/studies.ts';

export interface FakeStudyOptions {
  /** Studies fail with this after they have begun. */
  failure?: Failure;
  /** Studies stay at their estimate until they are cancelled. */
  isStuck?: boolean;
  /** Tuners find that today's setting is the best. */
  isBest?: boolean;
}

const HISTORY = ['history.studies', 'history.study', 'history.forecastOutcome'];

/** Whether fake studies answer it. */
export function isStudyRequest(name: string): boolean {
  return name.startsWith('study.') || HISTORY.includes(name);
}

type StudyGuest = Pick<Guest, 'id' | 'name'>;
const SECONDS = 40;

/**
 * A stand-in for studies in tests of the window: each weight above 100 takes a tenth off its guest's disk reads and puts it
 * on the others. The estimate errs by a twentieth, which is its stated error.
 */
export class FakeStudies {
  readonly asked: RequestArgument<'study.start'>[] = [];
  readonly cancelled: number[] = [];
  private readonly options: FakeStudyOptions;
  private readonly guests: () => readonly StudyGuest[];
  readonly saved: RequestAnswer<'history.study'>[] = [];
  private standings = new Map<number, StudyStanding>();
  private readonly maps = new Map<number, HeatMap>();

  constructor(options: FakeStudyOptions, guests: () => readonly StudyGuest[]) {
    this.options = options;
    this.guests = guests;
  }

  answer(name: string, argument: unknown): unknown {
    switch (name) {
      case 'study.start':
        return this.start(argument as RequestArgument<'study.start'>);
      case 'study.watch':
        return this.watch(argument as RequestArgument<'study.watch'>);
      case 'study.outcome':
        return this.outcome((argument as { id: number }).id);
      case 'study.cancel':
        return this.cancel((argument as { id: number }).id);
      case 'history.studies':
        return { studies: [...this.saved].reverse().map(({ study }) => study) };
      case 'history.study':
        return this.saved.find(({ study }) => study.id === (argument as { id: number }).id);
      case 'history.forecastOutcome':
        return this.forecastOutcome((argument as { id: number }).id);
      case 'study.save':
        return this.save(argument as RequestArgument<'study.save'>);
      case 'study.markApplied':
        return this.markApplied(argument as RequestArgument<'study.markApplied'>);
      case 'study.delete':
        this.saved.splice(
          this.saved.findIndex(({ study }) => study.id === (argument as { savedId: number }).savedId),
          1,
        );
        return {};
      case 'study.export':
        return { file: `/home/ada/study.${(argument as { format: string }).format}` };
      case 'study.prepare':
        return {};
      default:
        return this.startHeatMap(argument as RequestArgument<'study.heatMap'>);
    }
  }

  private start(argument: RequestArgument<'study.start'>): RequestAnswer<'study.start'> {
    this.asked.push(argument);
    const id = this.asked.length;
    const standing: StudyStanding = {
      ...{ id, version: 1, phase: 'running', part: 0.3, leftMs: 4_000 },
      ...{ answers: 1, failure: null },
    };
    this.standings.set(id, standing);
    return { id };
  }

  private async watch({ id, seen }: RequestArgument<'study.watch'>): Promise<StudyStanding> {
    const now = this.known(id);
    if (now.version !== seen) return now;
    const { failure, isStuck } = this.options;
    if (isStuck === true && now.phase === 'running') {
      while (this.known(id).version === seen) await new Promise((resolve) => setTimeout(resolve, 5));
      return this.known(id);
    }
    const end: Partial<StudyStanding> =
      failure === undefined ? { phase: 'done', part: 1, leftMs: 0 } : { phase: 'failed', leftMs: null, failure };
    const ended = { ...now, ...end, version: now.version + 1 };
    this.standings.set(id, ended);
    return ended;
  }

  private cancel(id: number): object {
    const now = this.known(id);
    this.cancelled.push(id);
    if (now.phase === 'running') {
      this.standings.set(id, { ...now, phase: 'cancelled', leftMs: null, version: now.version + 1 });
    }
    return {};
  }

  private known(id: number): StudyStanding {
    const standing = this.standings.get(id);
    if (standing === undefined) throw new Error(`No study ${id}.`);
    return standing;
  }

  private outcome(id: number): RequestAnswer<'study.outcome'> {
    const heatMap = this.maps.get(id) ?? null;
    if (heatMap !== null) return { result: null, exploration: null, tuned: null, heatMap };
    const isFinal = this.known(id).phase === 'done';
    return {
      result: this.resultOf(id, isFinal),
      exploration: this.exploration(),
      tuned: isFinal ? this.tuned(id) : null,
      heatMap: null,
    };
  }

  /** A tuner always finds that build should weigh 400, if that is what fakes are told. */
  private tuned(id: number): RequestAnswer<'study.outcome'>['tuned'] {
    const goal = this.asked[id - 1]?.tune?.goal;
    if (goal === undefined) return null;
    const changes = this.options.isBest === true ? [] : [{ kind: 'weight' as const, guestId: 1, value: 400 }];
    return { goal, changes, targetsMet: true, estimated: 120, simulated: 9 };
  }

  private resultOf(id: number, isFinal: boolean): StudyResult {
    const asked = this.asked[id - 1];
    if (asked === undefined) throw new Error(`No study ${id}.`);
    return {
      fromMs: 10_000,
      horizonMs: asked.order.horizonMs,
      alternatives: [
        ...asked.order.alternatives,
        ...(this.tuned(id)?.changes.length === 1
          ? [{ name: 'recommended', changes: this.tuned(id)?.changes ?? [] }]
          : []),
      ].map(({ name, changes }) => {
        const raised = changes.flatMap((change) =>
          change.kind === 'weight' && change.value > 100 ? [change.guestId] : [],
        );
        return this.outcomeOf(name, raised, asked.order.horizonMs / 1000, isFinal);
      }),
    };
  }

  private outcomeOf(name: string, raised: readonly number[], seconds: number, isFinal: boolean): AlternativeOutcome {
    const error = isFinal ? 0 : 0.05;
    const guests = this.guests().map(({ id, name: guest }) => {
      const part = raised.length === 0 ? 1 : raised.includes(id) ? 0.9 : 1.2;
      const accesses = 1_000 * seconds;
      const diskReads = 100 * id * part * seconds;
      return {
        ...{ guestId: id, name: guest, accesses, cacheHits: accesses / 2, precacheHits: accesses / 2 - diskReads },
        ...{ diskReads, meanEphemeralPages: 1_000, meanRamPages: 4_000, error },
        ...{ evictedBySelf: isFinal ? 10 : null, evictedByOthers: isFinal ? 20 : null },
        evictionsCaused: isFinal ? 20 : null,
        // Twice as slow as its workload wants; better or worse with its disk reads.
        waitingPart: isFinal ? 0.5 * part : null,
        waitingError: isFinal ? 0 : null,
      };
    });
    const sum = (column: 'accesses' | 'cacheHits' | 'precacheHits' | 'diskReads'): number =>
      guests.reduce((total, guest) => total + guest[column], 0);
    return {
      name,
      engine: isFinal ? 'distances' : 'curves',
      guests,
      host: {
        ...{ accesses: sum('accesses'), cacheHits: sum('cacheHits'), precacheHits: sum('precacheHits') },
        ...{ diskReads: sum('diskReads'), meanEphemeralPages: 3_000, error, evictions: isFinal ? 300 : null },
        meanFallowPages: 0,
      },
      assumptions: [{ text: 'shares are steady', held: isFinal }],
      overTime: isFinal
        ? {
            ...{ firstSecond: 10, seconds: SECONDS },
            ephemeralPages: new Float64Array(SECONDS * guests.length).fill(1_000),
            diskReads: Float64Array.from({ length: SECONDS * guests.length }, (_, at) => {
              return (guests[at % guests.length]?.diskReads ?? 0) / seconds;
            }),
          }
        : null,
    };
  }

  private save({ id, name }: RequestArgument<'study.save'>): RequestAnswer<'study.save'> {
    const asked = this.asked[id - 1];
    if (asked === undefined) throw new Error(`No study ${id}.`);
    const savedId = this.saved.length + 1;
    const { start, order } = asked;
    this.saved.push({
      study: {
        ...{ id: savedId, name, savedAtMs: 0, kind: start.kind, runId: 1, fromMs: 10_000, horizonMs: order.horizonMs },
        applied: null,
      },
      order,
      result: this.resultOf(id, true),
    });
    return { savedId };
  }

  private markApplied(argument: RequestArgument<'study.markApplied'>): object {
    const { savedId, alternative, actionId } = argument;
    const place = this.saved.findIndex(({ study }) => study.id === savedId);
    const kept = this.saved[place];
    if (kept === undefined) throw new Error(`No saved study ${savedId}.`);
    this.saved[place] = { ...kept, study: { ...kept.study, applied: { alternative, actionId } } };
    return {};
  }

  /** What happened was a tenth more than the forecast, over the first minute. */
  private forecastOutcome(id: number): RequestAnswer<'history.forecastOutcome'> {
    const kept = this.saved.find(({ study }) => study.id === id);
    const outcome = kept?.result.alternatives[1];
    if (kept === undefined || outcome === undefined) throw new Error(`No saved study ${id}.`);
    const horizonS = kept.study.horizonMs / 1000;
    const guests = outcome.guests.map(({ guestId, name, accesses, precacheHits, diskReads, error }) => {
      const soFar = (diskReads * 60) / horizonS;
      return {
        ...{ guestId, name, forecast: { accesses, precacheHits, diskReads, error }, forecastSoFar: soFar },
        actual: { accesses, precacheHits, diskReads: Math.round(soFar * 1.1) },
      };
    });
    return { alternative: outcome.name, horizonS, recordedS: 60, isOver: false, otherActions: 1, guests };
  }

  private exploration(): Exploration {
    const guests = this.guests();
    const knob = (one: Sensitivity['knob'], today: number, values: number[]): Sensitivity => ({
      ...{ knob: one, today, values },
      diskReads: Float64Array.from({ length: values.length * guests.length }, (_, at) => {
        return 1_000 - 10 * Math.floor(at / guests.length);
      }),
    });
    return {
      curves: guests.map(({ id }) => ({
        ...{ guestId: id, accesses: 10_000, ramPages: 2_000, sharePages: 1_000 },
        pages: Float64Array.of(0, 2_000, 3_000, 8_000),
        misses: Float64Array.of(10_000, 4_000, 1_000, 100),
      })),
      sensitivities: [
        ...guests.map(({ id }) => knob({ kind: 'weight', guestId: id }, 100, [50, 100, 200])),
        knob({ kind: 'host-size' }, 32_768, [30_000, 31_000, 32_768, 40_000]),
      ],
    };
  }

  private startHeatMap(looked: RequestArgument<'study.heatMap'>): RequestAnswer<'study.heatMap'> {
    const asked = this.asked[looked.id - 1];
    if (asked === undefined) throw new Error(`No study ${looked.id}.`);
    const { id } = this.start(asked);
    this.maps.set(id, this.heatMap(looked));
    return { id };
  }

  private heatMap({ across, down }: RequestArgument<'study.heatMap'>): HeatMap {
    const cells = across.values.length * down.values.length;
    return { across, down, diskReads: Float64Array.from({ length: cells }, (_, at) => 1_000 + at), accesses: 10_000 };
  }
}
