import type { Failure } from '#contract/errors.ts';
import type { RequestAnswer, RequestArgument } from '#contract/requests.ts';
import { GUEST_COLUMNS, HOST_COLUMNS } from '#contract/samples.ts';
import type { ScenarioEntry, ScenarioRef, TraceEntry, Trial, TrialVariant, WorkStanding } from '#contract/scenarios.ts';

export interface FakeScenarioOptions {
  /** Trials and imports fail with this after they have begun. */
  workFailure?: Failure;
  /** They stay under way until they are cancelled. */
  isStuck?: boolean;
  /** There is nothing at hand at all. */
  isEmpty?: boolean;
}

const NO_TOTALS = <C extends string>(columns: readonly C[]): Record<C, number> =>
  Object.fromEntries(columns.map((column) => [column, 0])) as Record<C, number>;

function entry(
  file: string,
  name: string,
  letter: string | null,
  origin: 'shipped' | 'own' = 'shipped',
): ScenarioEntry {
  const claim = letter && { letter, sentence: `Claim ${letter} holds.`, bound: 'Swap writes = 0 up to 8,192 pages.' };
  const guest = { ramPages: 4_096, maxPages: 12_288, weight: 100, precache: true, preswap: true, trace: null };
  return {
    scenario: { origin, file },
    summary: {
      ...{ name, about: `About ${name}.`, claim: claim === '' ? null : claim, forS: 30, seed: 1 },
      ...{ totalPages: 24_576, reservedPages: 2_048, poolLimitPages: null },
      ...{ policy: 'max-over-share', idleTaxPermille: 750, events: 0, missingTraces: [] },
      guests: [
        { ...guest, name: 'web', workload: 'a file server' },
        { ...guest, name: 'backup', workload: 'a backup' },
      ],
    },
    failure: null,
  };
}

const TRACE: TraceEntry = {
  origin: 'shipped',
  file: 'filemap-cc.txt.gz',
  bytes: 467_000,
  summary: {
    ...{ format: 'ftrace', formatTitle: 'Linux ftrace filemap events', references: 329_951, records: 60_000 },
    ...{ ignored: 12, distinctPages: 8_293, files: 900, spanUs: 3_700_000, writes: null, postCache: false, notes: [] },
  },
  failure: null,
};

/** A stand-in for scenarios and traces in tests of the window. */
export class FakeScenarios {
  readonly cancelled: number[] = [];
  entries: ScenarioEntry[];
  traces: TraceEntry[];
  opened: ScenarioRef = { origin: 'shipped', file: 'three-real-traces.json' };
  former: ScenarioRef | null = null;
  private variant: TrialVariant = 'as-is';
  private readonly options: FakeScenarioOptions;
  private readonly work: { kind: 'trial' | 'import'; standing: WorkStanding }[] = [];

  constructor(options: FakeScenarioOptions = {}) {
    this.options = options;
    const failure = { code: 'bad-scenario' as const, message: 'It does not fit: guests.1.ramMiB must be a number.' };
    this.entries =
      options.isEmpty === true
        ? []
        : [
            entry('b-preswap.json', 'b: preswap', 'b'),
            entry('a-fits.json', 'a: everything fits', 'a'),
            entry('three-real-traces.json', 'three real traces', null),
            { scenario: { origin: 'own', file: 'wrong.json' }, summary: null, failure },
          ];
    const torn = { code: 'bad-trace' as const, message: 'The stored trace is damaged.' };
    this.traces =
      options.isEmpty === true
        ? []
        : [TRACE, { origin: 'own', file: 'torn.csv.tmemtrace', bytes: 10, summary: null, failure: torn }];
  }

  /** What the title bar calls the live host. */
  get liveName(): string {
    return (
      this.entries.find(({ scenario }) => scenario.file === this.opened.file)?.summary?.name ?? 'three real traces'
    );
  }

  /** Whether it answers this request. */
  static knows(name: string): boolean {
    return /^(scenarios|traces|work)\./.test(name);
  }

  answer(name: string, argument: unknown): unknown {
    switch (name) {
      case 'scenarios.list':
        return { scenarios: this.entries, ownFolder: '/home/ada/scenarios', opened: this.opened, former: this.former };
      case 'scenarios.add':
        this.entries = [...this.entries, entry('mine.json', 'my own', null, 'own')];
        return { added: { origin: 'own', file: 'mine.json' } };
      case 'scenarios.open':
        this.former = this.opened;
        this.opened = (argument as RequestArgument<'scenarios.open'>).scenario;
        return { runId: 2, name: 'opened', seed: 1 };
      case 'scenarios.try':
        this.variant = (argument as RequestArgument<'scenarios.try'>).variant;
        return this.start('trial');
      case 'traces.list':
        return {
          traces: this.traces,
          ownFolder: '/home/ada/imported-traces',
          formats: [{ name: 'msr', title: 'MSR Cambridge' }],
        };
      case 'traces.import':
        return { ...this.start('import'), file: 'web.csv' };
      case 'work.watch':
        return this.watch(argument as RequestArgument<'work.watch'>);
      case 'work.outcome':
        return this.outcome(this.known((argument as { id: number }).id).kind);
      default:
        return this.cancel((argument as { id: number }).id);
    }
  }

  private start(kind: 'trial' | 'import'): { id: number } {
    const id = this.work.length + 1;
    const standing: WorkStanding = { id, version: 1, phase: 'running', part: 0.4, leftMs: 3_000, failure: null };
    this.work.push({ kind, standing });
    return { id };
  }

  private known(id: number): { kind: 'trial' | 'import'; standing: WorkStanding } {
    const found = this.work[id - 1];
    if (found === undefined) throw new Error(`No work ${id}.`);
    return found;
  }

  private async watch({ id, seen }: RequestArgument<'work.watch'>): Promise<WorkStanding> {
    const one = this.known(id);
    if (one.standing.version !== seen) return one.standing;
    if (this.options.isStuck === true) {
      while (one.standing.version === seen) await new Promise((resolve) => setTimeout(resolve, 5));
      return one.standing;
    }
    const failure = this.options.workFailure ?? null;
    const end = { version: seen + 1, leftMs: failure === null ? 0 : null, failure };
    one.standing = { ...one.standing, ...end, phase: failure === null ? 'done' : 'failed', part: 1 };
    if (one.kind === 'import' && failure === null) this.traces = [...this.traces, { ...TRACE, origin: 'own', file: 'web.csv.tmemtrace' }]; // prettier-ignore
    return one.standing;
  }

  private cancel(id: number): Record<string, never> {
    const one = this.known(id);
    this.cancelled.push(id);
    one.standing = { ...one.standing, phase: 'cancelled', version: one.standing.version + 1, leftMs: null };
    return {};
  }

  private swaps(): { preswapPuts: number; swapOuts: number } {
    return this.variant === 'no-tmem' ? { preswapPuts: 0, swapOuts: 9_808 } : { preswapPuts: 9_000, swapOuts: 808 };
  }

  private outcome(kind: 'trial' | 'import'): RequestAnswer<'work.outcome'> {
    if (kind === 'import') return { trial: null, trace: { ...TRACE, origin: 'own', file: 'web.csv.tmemtrace' } };
    const totals = {
      ...NO_TOTALS(GUEST_COLUMNS),
      accesses: 90_000,
      ...this.swaps(),
      ramPages: 4_096,
    };
    const guest = {
      totals,
      mostHeldPages: 8_192,
      mostHeldLatePages: 8_192,
      heldCourse: Float64Array.of(0, 4_000, 8_192),
    };
    const trial: Trial = {
      ...{
        scenario: 'b: preswap',
        variant: this.variant,
        seed: 1,
        policy: 'max-over-share',
        idleTaxPermille: 750,
        seconds: 30,
        wallMs: 640,
      },
      guests: [
        { ...guest, name: 'web' },
        { ...guest, name: 'backup' },
      ],
      host: { totals: NO_TOTALS(HOST_COLUMNS), mostEphemeralPages: 0, mostPersistentPages: 16_384 },
    };
    return { trial, trace: null };
  }
}
