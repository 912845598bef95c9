import type { Failure } from '#contract/errors.ts';
import type { RequestAnswer, RequestArgument } from '#contract/requests.ts';
import { GUEST_COLUMNS, HOST_COLUMNS } from '#contract/samples.ts';
import type { Verdict } from '#contract/claims.ts';
import type { ScenarioEntry, ScenarioRef, TraceEntry, Trial, WorkStanding } from '#contract/scenarios.ts';

export interface FakeScenarioOptions {
  /** Trials and imports fail with this after they have begun. */
  workFailure?: Failure;
  /** They stay under way until they are cancelled. */
  isStuck?: boolean;
  /** What checks come to, as far as it differs from a claim that holds. */
  verdict?: Partial<Verdict>;
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
  trace: string | null = null,
): ScenarioEntry {
  const bound = 'Swap writes = 0 up to 8,192 pages.';
  const claim = letter && { letter, sentence: `Claim ${letter} holds.`, bound, runs: 2 };
  const guest = { ramPages: 4_096, maxPages: 12_288, weight: 100, precache: true, preswap: true, trace };
  return {
    scenario: { origin, file },
    summary: {
      ...{ name, about: `About ${name}.`, claim: claim === '' ? null : claim, forS: 30, seed: 1 },
      ...{ totalPages: 24_576, reservedPages: 2_048, poolLimitPages: null },
      ...{ policy: 'max-over-share', idleTaxPermille: 750, events: 0, missingTraces: [] },
      variants: letter === null ? [] : [{ name: 'without-backup', title: 'without the backup' }],
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

const VERDICT: Verdict = {
  letter: 'b',
  sentence: 'Claim b holds.',
  bound: 'Swap writes = 0 up to 8,192 pages.',
  holds: true,
  checks: [
    { what: 'most pages in preswap', measured: 8_192, relation: 'exactly', bound: 8_192, unit: 'pages', holds: true },
    { what: 'work of web', measured: 99.96, relation: 'at-least', bound: 98.2, unit: '%', holds: true },
  ],
  table: { head: ['host second', 'in preswap'], rows: [[1, 4_000]] },
  runs: ['as the file says', 'without tmem'],
  seconds: 30,
  seed: 1,
};

/** A stand-in for scenarios and traces in tests of the window. */
export class FakeScenarios {
  readonly cancelled: number[] = [];
  entries: ScenarioEntry[];
  traces: TraceEntry[];
  opened: ScenarioRef = { origin: 'shipped', file: 'three-real-traces.json' };
  former: ScenarioRef | null = null;
  private variant = 'as-is';
  private isCheck = false;
  private readonly removed = new Map<string, ScenarioEntry | TraceEntry>();
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
        return {
          scenarios: this.entries,
          ownFolder: '/home/ada/scenarios',
          removedFolder: '/home/ada/scenarios-removed',
          opened: this.opened,
          former: this.former,
        };
      case 'scenarios.add':
        this.entries = [...this.entries, entry('mine.json', 'my own', null, 'own', 'torn.csv')];
        return { added: { origin: 'own', file: 'mine.json' } };
      case 'scenarios.open':
        this.former = this.opened;
        this.opened = (argument as RequestArgument<'scenarios.open'>).scenario;
        return { runId: 2, name: 'opened', seed: 1 };
      case 'scenarios.try':
        this.variant = (argument as RequestArgument<'scenarios.try'>).variant;
        this.isCheck = false;
        return this.start('trial');
      case 'scenarios.check':
        this.variant = 'as-is';
        this.isCheck = true;
        return this.start('trial');
      case 'scenarios.remove':
      case 'traces.remove':
        return this.remove((argument as { file: string }).file);
      case 'scenarios.putBack':
      case 'traces.putBack':
        return this.putBack((argument as { removed: string }).removed);
      case 'traces.list':
        return {
          traces: this.traces,
          ownFolder: '/home/ada/imported-traces',
          removedFolder: '/home/ada/imported-traces-removed',
          recorderFile: '/opt/tmem-console/resources/recorder/record-filemap.sh',
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

  private remove(file: string): { removed: string } {
    const removed = `1 ${file}`;
    const gone = [...this.entries.filter(({ scenario }) => scenario.file === file), ...this.traces.filter((trace) => trace.file === file)]; // prettier-ignore
    for (const one of gone) this.removed.set(removed, one);
    this.entries = this.entries.filter(({ scenario }) => scenario.file !== file);
    this.traces = this.traces.filter((trace) => trace.file !== file);
    return { removed };
  }

  private putBack(removed: string): { file: string } {
    const one = this.removed.get(removed);
    if (one === undefined) throw new Error(`Nothing was removed as ${removed}.`);
    if ('scenario' in one) this.entries = [...this.entries, one];
    else this.traces = [...this.traces, one];
    return { file: removed.slice(2) };
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
    if (kind === 'import')
      return { trial: null, verdict: null, trace: { ...TRACE, origin: 'own', file: 'web.csv.tmemtrace' } };
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
        variantTitle: { 'as-is': 'as the file says', 'no-tmem': 'without tmem' }[this.variant] ?? this.variant,
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
    return { trial, verdict: this.isCheck ? { ...VERDICT, ...this.options.verdict } : null, trace: null };
  }
}
