import { STREAM_PORT_MESSAGE, type Bridge } from '#contract/bridge.ts';
import type { Action, Change, ClockEvent, HostDescription, HostSettings, Run } from '#contract/model.ts';
import type { EvictionFilter, EvictionRow, Reply, RequestAnswer, RequestArgument } from '#contract/requests.ts';
import { EVICTION_REASONS, GAUGE_COLUMNS, GUEST_COLUMNS, HOST_COLUMNS } from '#contract/samples.ts';
import type { Failure } from '#contract/errors.ts';
import type { AuditVerification, ShownRestoration } from '#contract/reports.ts';
import { EVICTION_ROW } from '#contract/stream.ts';
import type { Frame } from '#contract/stream.ts';
import { FakeBackups, isBackupRequest, type FakeBackupOptions } from './fake-backups.ts';
import { auditOf, figuresOf, poolsOf } from './fake-records.ts';
import { FakeScenarios, type FakeScenarioOptions } from './fake-scenarios.ts';
import { FakeStudies, type FakeStudyOptions, isStudyRequest } from './fake-studies.ts';

/**
 * A stand-in for the main process in tests of the window: invents samples from a seed and answers the contract. It is no
 * model of tmem; it only gives numbers of the right form that add up, and reacts to weights and balloon targets.
 */
export interface FakeOptions {
  guests?: number;
  /** Host seconds of the present run when the window opens, and of one run before it. */
  seconds?: number;
  pastSeconds?: number;
  seed?: number;
  paused?: boolean;
  /** Requests that fail, with what they say. */
  failures?: Partial<Record<string, Failure>>;
  /** Requests that never answer. */
  hanging?: readonly string[];
  notice?: string | null;
  historyFailure?: Failure | null;
  /** What verifying the audit finds instead of a sound one. */
  verification?: Partial<AuditVerification>;
  restorations?: readonly ShownRestoration[];
  /** What the fake backups begin with. */
  backups?: FakeBackupOptions;
  /** How fake studies go. */
  studies?: FakeStudyOptions;
  /** How fake trials and imports go, and what is at hand. */
  scenarios?: FakeScenarioOptions;
  /** Host RAM in MiB. */
  totalMib?: number;
}

interface FakeGuest {
  id: number;
  name: string;
  workload: string;
  ram: number;
  target: number;
  weight: number;
  ephemeral: number;
  min: number;
  max: number;
}
/** What of an action a change decides. */
type Changed<T extends Action> = T extends unknown
  ? Omit<T, 'id' | 'runId' | 'hostMs' | 'wallMs' | 'source' | 'reason' | 'undoes'>
  : never;

interface Second {
  host: Float64Array;
  guests: Float64Array;
  evictions: number[];
}

const NAMES = ['build', 'search', 'db'];
const WORK = [
  'compiles a C library, 4,000 accesses/s, 40 s busy, 20 s quiet',
  'searches a source tree, 3,000 accesses/s, 50 s busy, 30 s quiet',
  'database, 2,500 accesses/s, steady with bursts of 10 s',
];
const STARTED_MS = Date.UTC(2025, 10, 23, 14, 30);
const C = GUEST_COLUMNS.length;

export class FakeHost implements Bridge {
  readonly options: FakeOptions;
  readonly guests: FakeGuest[];
  readonly samples: Second[] = [];
  readonly actions: Action[] = [];
  readonly clockEvents: ClockEvent[] = [];
  readonly asked: { name: string; argument: unknown }[] = [];
  readonly axisStartS: number;
  readonly runId: number;
  readonly total: number;
  /** The settings in force that no sample has. */
  readonly settings: HostSettings;
  readonly backups: FakeBackups;
  readonly studies: FakeStudies;
  readonly scenarios: FakeScenarios;
  paused: boolean;
  speed: Frame['speed'] = '1x';
  hostMs = 0;
  port: MessagePort | null = null;
  acked = -1;
  private sent = 0;
  private sequence = 0;
  private random: number;
  private newActions: Action[] = [];
  private newClockEvents: ClockEvent[] = [];

  constructor(options: FakeOptions = {}) {
    this.options = options;
    this.backups = new FakeBackups(options.backups);
    this.studies = new FakeStudies(options.studies ?? {}, () => this.guests);
    this.scenarios = new FakeScenarios(options.scenarios);
    this.random = options.seed ?? 42;
    this.paused = options.paused ?? false;
    const past = options.pastSeconds ?? 0;
    this.axisStartS = past > 0 ? past + 1 : 0;
    this.runId = past > 0 ? 2 : 1;
    const number = options.guests ?? 3;
    this.total = (options.totalMib ?? 128) * 256;
    const each = Math.floor((this.total * 0.45) / Math.max(1, number));
    this.guests = Array.from({ length: number }, (_, at) => ({
      id: at + 1,
      name: NAMES[at] ?? `guest-${at + 1}`,
      workload: WORK[at % 3] ?? '',
      ram: Math.floor(each * (0.9 + 0.1 * (at % 3))),
      target: Math.floor(each * (0.9 + 0.1 * (at % 3))),
      weight: 100,
      ephemeral: 0,
      min: Math.floor(each * 0.4),
      max: Math.floor(each * 2),
    }));
    this.settings = {
      policy: 'max-over-share',
      idleTaxPermille: 750,
      totalPages: this.total,
      poolLimitPages: null,
      guestSettings: this.guests.map(({ id }) => ({
        guestId: id,
        capPages: null,
        presence: 'present',
        removedByScenarioMs: null,
      })),
    };
    const warm = past > 0 ? past : 0;
    for (let s = 0; s < warm; s++) this.samples.push(this.step(s));
    if (past > 0) for (const guest of this.guests) guest.ephemeral = 0;
    this.samples.length = 0;
    this.clockEvents.push(this.clockEvent('start', 'Run started.'));
    this.run(options.seconds ?? 300);
    this.sent = this.samples.length;
    this.newClockEvents = [];
  }

  /** Runs on for some host seconds without telling the window. */
  run(seconds: number): void {
    for (let s = 0; s < seconds; s++) {
      this.samples.push(this.step(this.samples.length));
      this.hostMs = this.samples.length * 1000;
    }
  }

  /** Runs on and sends a frame, as the host thread does four times a second. */
  frame(seconds: number): void {
    if (!this.paused) this.run(seconds);
    this.sendFrame();
  }

  sendFrame(): void {
    const first = Math.max(this.sent, this.samples.length - 120);
    const fresh = this.samples.slice(first);
    this.sent = this.samples.length;
    const join = (parts: Float64Array[]): Float64Array<ArrayBuffer> =>
      Float64Array.from(parts.flatMap((part) => [...part]));
    const frame: Frame = {
      kind: 'frame',
      sequence: this.sequence++,
      runId: this.runId,
      hostMs: this.hostMs,
      paused: this.paused,
      speed: this.speed,
      reachedSpeed: this.paused ? 0 : this.speed === '1x' ? 1 : this.speed === '10x' ? 9.98 : 412,
      lagMs: 12,
      historyBytes: 84_300_000 + this.samples.length * 900,
      historyFailure: this.options.historyFailure ?? null,
      replayableFromMs: this.hostMs > 60_000 ? 30_000 : null,
      settings: structuredClone(this.settings),
      guestIds: this.guests.map(({ id }) => id),
      firstSecond: first,
      seconds: fresh.length,
      host: join(fresh.map(({ host }) => host)),
      guests: join(fresh.map(({ guests }) => guests)),
      evictions: Float64Array.from(fresh.flatMap(({ evictions }) => evictions)),
      actions: this.newActions,
      clockEvents: this.newClockEvents,
    };
    this.newActions = [];
    this.newClockEvents = [];
    this.port?.postMessage(frame);
  }

  openStream(): void {
    const channel = new MessageChannel();
    this.port?.close();
    this.port = channel.port1;
    channel.port1.onmessage = (event: MessageEvent<{ sequence: number }>) => {
      this.acked = event.data.sequence;
    };
    window.dispatchEvent(
      new MessageEvent('message', {
        data: { type: STREAM_PORT_MESSAGE },
        source: window,
        ports: [channel.port2],
      }),
    );
    this.sendFrame();
  }

  async request(name: string, sent: unknown): Promise<Reply> {
    // As on the way to another process: what cannot be copied is not sent.
    const argument: unknown = structuredClone(sent);
    this.asked.push({ name, argument });
    if (this.options.hanging?.includes(name) === true) {
      return new Promise<Reply>((resolve) => {
        if (name === 'report.save') this.endSaving = resolve;
      });
    }
    const failure = this.options.failures?.[name];
    if (failure !== undefined) return { ok: false, failure };
    await Promise.resolve();
    const found: unknown = await this.answer(name, argument);
    return { ok: true, answer: found };
  }

  /** Ends a saving that hangs. */
  private endSaving: (reply: Reply) => void = () => undefined;

  private answer(name: string, argument: unknown): unknown {
    switch (name) {
      case 'host.describe':
        return this.describe();
      case 'host.setPaused': {
        const { paused } = argument as RequestArgument<'host.setPaused'>;
        this.paused = paused;
        this.mark(paused ? 'pause' : 'resume', paused ? 'Paused.' : `Resumed at ${this.speed}.`);
        return { hostMs: this.hostMs };
      }
      case 'host.setSpeed': {
        const { speed } = argument as RequestArgument<'host.setSpeed'>;
        this.mark('speed', `Speed ${this.speed} → ${speed}.`);
        this.speed = speed;
        return { hostMs: this.hostMs };
      }
      case 'host.applyChanges':
        return this.applySet(argument as RequestArgument<'host.applyChanges'>);
      case 'history.runs':
        return { runs: this.runs() };
      case 'history.series':
        return this.series(argument as RequestArgument<'history.series'>);
      case 'history.evictions':
        return this.evictions(argument as RequestArgument<'history.evictions'>);
      case 'history.evictionSamples':
        return this.singles(argument as RequestArgument<'history.evictionSamples'>);
      case 'history.evictionSummary':
        return this.summary((argument as RequestArgument<'history.evictionSummary'>).filter);
      case 'history.events':
        return { actions: [...this.actions].reverse(), clockEvents: [...this.clockEvents].reverse() };
      case 'history.audit':
        return auditOf(this.actions, argument as RequestArgument<'history.audit'>);
      case 'history.pools':
        return poolsOf(
          this.guests,
          this.samples,
          this.axisStartS,
          (argument as RequestArgument<'history.pools'>).range,
        );
      case 'history.restorations':
        return { restorations: this.options.restorations ?? [] };
      case 'history.verifyAudit':
        return {
          sound: true,
          rows: this.actions.length,
          headHash: 'ab'.repeat(32),
          historyId: 'fake',
          checkedAtWallMs: STARTED_MS,
          findings: 0,
          shown: [],
          ...this.options.verification,
        };
      case 'report.preview':
        return figuresOf(this.describe(), this.samples, argument as RequestArgument<'report.preview'>);
      case 'report.save':
        return { file: '/home/ada/report.html', bytes: 44_100 };
      case 'report.cancel':
        this.endSaving({ ok: false, failure: { code: 'cancelled', message: 'The report was not finished.' } });
        return {};
      case 'report.progress':
        return { stage: 'reading', part: 0.4 };
      default:
        if (isStudyRequest(name)) return this.studies.answer(name, argument);
        if (FakeScenarios.knows(name)) return this.scenarios.answer(name, argument);
        if (isBackupRequest(name)) return this.backups.answer(name, argument);
        throw new Error(`The fake host knows no request ${name}.`);
    }
  }

  private describe(): HostDescription {
    return {
      run: this.presentRun(),
      guests: this.guests.map(({ id, name, workload, min, max }) => ({
        id,
        name,
        workload,
        minPages: min,
        maxPages: max,
      })),
      ...structuredClone(this.settings),
      reservedPages: Math.floor(this.total * 0.06),
      idleTaxWindowS: 10,
      balloonPagesPerS: 64,
      versions: { app: '0.1.0', electron: '33.2.1', chrome: '130.0.6723.137', node: '20.18.1', sqlite: '3.47.0' },
      notice: this.options.notice ?? null,
    };
  }

  private presentRun(): Run {
    return {
      id: this.runId,
      source: { kind: 'modelled', scenario: this.scenarios.liveName, seed: 42 },
      axisStartS: this.axisStartS,
      seconds: this.samples.length,
      startedAtMs: STARTED_MS,
      end: 'running',
    };
  }

  private runs(): Run[] {
    const past = this.options.pastSeconds ?? 0;
    if (past === 0) return [this.presentRun()];
    const before: Run = {
      ...this.presentRun(),
      id: 1,
      axisStartS: 0,
      seconds: past,
      startedAtMs: STARTED_MS - 9e6,
      end: 'stopped',
    };
    return [before, this.presentRun()];
  }

  private applySet({ changes, reason, undoes }: RequestArgument<'host.applyChanges'>): { actions: Action[] } {
    const about = (place: number) => ({ reason: reason ?? null, undoes: undoes?.[place] ?? null });
    return { actions: changes.map((change, place) => this.apply(change, 'console', about(place))) };
  }

  apply(
    change: Change,
    source: Action['source'] = 'console',
    { reason = null, undoes = null }: { reason?: string | null; undoes?: number | null } = {},
  ): Action {
    const row = {
      ...{ id: this.actions.length + 1, runId: this.runId, hostMs: this.hostMs },
      ...{ wallMs: STARTED_MS + this.hostMs, source, reason, undoes },
    };
    const action: Action = { ...row, ...this.changed(change) };
    this.actions.push(action);
    this.newActions.push(action);
    return action;
  }

  /** Makes a change, and says what it found. */
  private changed(change: Change): Changed<Action> {
    const host = { guestId: null, guestName: null };
    const { settings } = this;
    switch (change.kind) {
      case 'policy': {
        const before = settings.policy;
        settings.policy = change.value;
        return { kind: change.kind, ...host, before, after: change.value };
      }
      case 'idle-tax': {
        const before = settings.idleTaxPermille;
        settings.idleTaxPermille = change.valuePermille;
        return { kind: change.kind, ...host, before, after: change.valuePermille };
      }
      case 'pool-limit': {
        const before = settings.poolLimitPages;
        settings.poolLimitPages = change.valuePages;
        return { kind: change.kind, ...host, before, after: change.valuePages };
      }
      case 'host-size': {
        const before = settings.totalPages;
        settings.totalPages = change.valuePages;
        return { kind: change.kind, ...host, before, after: change.valuePages };
      }
      case 'weight':
      case 'balloon-target':
      case 'precache-cap':
      case 'remove-guest':
      case 'flush-precache':
        return this.changedGuest(change);
    }
  }

  private changedGuest(change: Extract<Change, { guestId: number }>): Changed<Action> {
    const guest = this.guests.find(({ id }) => id === change.guestId);
    const setting = this.settings.guestSettings.find(({ guestId }) => guestId === change.guestId);
    if (guest === undefined || setting === undefined) throw new Error('unknown guest');
    const about = { guestId: guest.id, guestName: guest.name };
    const before = { ramPages: guest.ram, precachePages: guest.ephemeral, preswapPages: 0 };
    switch (change.kind) {
      case 'weight': {
        const weight = guest.weight;
        guest.weight = change.value;
        return { kind: change.kind, ...about, before: weight, after: change.value };
      }
      case 'balloon-target': {
        const target = guest.target;
        guest.target = change.valuePages;
        return { kind: change.kind, ...about, before: target, after: change.valuePages };
      }
      case 'precache-cap': {
        const cap = setting.capPages;
        setting.capPages = change.valuePages;
        return { kind: change.kind, ...about, before: cap, after: change.valuePages };
      }
      case 'remove-guest':
        setting.presence = 'removed';
        return { kind: change.kind, ...about, before, after: null };
      case 'flush-precache':
        return { kind: change.kind, ...about, before: { ...before, ramPages: 0 }, after: null };
    }
  }

  private clockEvent(kind: ClockEvent['kind'], detail: string): ClockEvent {
    return {
      runId: this.runId,
      hostMs: this.hostMs,
      wallMs: STARTED_MS + this.hostMs + this.clockEvents.length,
      kind,
      detail,
    };
  }

  private mark(kind: ClockEvent['kind'], detail: string): void {
    const event = this.clockEvent(kind, detail);
    this.clockEvents.push(event);
    this.newClockEvents.push(event);
  }

  private next(): number {
    this.random = (Math.imul(this.random, 1_664_525) + 1_013_904_223) >>> 0;
    return this.random / 2 ** 32;
  }

  private step(second: number): Second {
    const reserved = Math.floor(this.total * 0.06);
    const persistent = Math.floor(this.total * 0.05);
    const evictions: number[] = [];
    const lost = this.guests.map(() => ({ self: 0, others: 0, caused: 0 }));
    for (const guest of this.guests)
      guest.ram += Math.sign(guest.target - guest.ram) * Math.min(64, Math.abs(guest.target - guest.ram));
    const room = this.total - reserved - persistent - this.guests.reduce((sum, { ram }) => sum + ram, 0);
    const busy = this.guests.map(
      (_, at) => ((second + at * 23) % (60 + (at % 5) * 10) < 42 ? 1 : 0.15) * (0.7 + 0.6 * this.next()),
    );
    for (const [at, guest] of this.guests.entries())
      guest.ephemeral += Math.floor(180 * (busy[at] ?? 0) * (3 / this.guests.length));
    let held = this.guests.reduce((sum, { ephemeral }) => sum + ephemeral, 0);
    const weights = this.guests.reduce((sum, { weight }) => sum + weight, 0) || this.guests.length;
    while (held > room) {
      let worst = 0;
      let most = -1;
      for (const [at, guest] of this.guests.entries()) {
        const over =
          guest.ephemeral /
          Math.max(0.001, (weights === this.guests.length ? 1 : guest.weight) * (0.4 + 0.6 * (busy[at] ?? 0)));
        if (over > most) [most, worst] = [over, at];
      }
      const by = Math.floor(this.next() * this.guests.length);
      const pages = Math.min(24, held - room);
      const [victim, cause] = [this.guests[worst], this.guests[by]];
      const [loss, gain] = [lost[worst], lost[by]];
      if (victim === undefined || cause === undefined || loss === undefined || gain === undefined) break;
      victim.ephemeral -= pages;
      held -= pages;
      if (victim === cause) loss.self += pages;
      else {
        loss.others += pages;
        gain.caused += pages;
      }
      const row = evictions.findIndex(
        (_, place) => place % 5 === 1 && evictions[place] === victim.id && evictions[place + 1] === cause.id,
      );
      if (row >= 0) evictions[row + 3] = (evictions[row + 3] ?? 0) + pages;
      else evictions.push(second, victim.id, cause.id, 0, pages, 0, 0, pages, 0, 0, 0, 0);
    }
    const guests = new Float64Array(this.guests.length * C);
    for (const [at, guest] of this.guests.entries()) {
      const level = busy[at] ?? 0;
      const gets = Math.floor(420 * level * (1 + at * 0.2));
      const hits = Math.floor(gets * Math.min(0.92, guest.ephemeral / 9_000 + 0.1 * this.next()));
      const { self, others, caused } = lost[at] ?? { self: 0, others: 0, caused: 0 };
      const values = [guest.ram, guest.target, guest.weight, guest.ephemeral, Math.floor(persistent / this.guests.length), Math.floor(guest.ephemeral * 0.6), Math.floor(4_000 * level), Math.floor(4_000 * level) - gets, gets, hits, Math.floor(180 * level), 0, 3, gets - hits, self, others, caused]; // prettier-ignore
      guests.set(values, at * C);
    }
    const ram = this.guests.reduce((sum, guest) => sum + guest.ram, 0);
    const taken = Math.floor(persistent / Math.max(1, this.guests.length)) * this.guests.length;
    const evicted = lost.reduce((sum, { self, others }) => sum + self + others, 0);
    const host = new Float64Array(HOST_COLUMNS.length);
    host.set([this.total, reserved, ram, held, taken, this.total - reserved - ram - held - taken, evicted]);
    return { host, guests, evictions };
  }

  private valueAt(key: { guestId: number | null; column: string }, second: number): number {
    const past = this.options.pastSeconds ?? 0;
    const place =
      second >= this.axisStartS
        ? second - this.axisStartS
        : second < past
          ? second % Math.max(1, this.samples.length)
          : -1;
    const sample = this.samples[place];
    if (sample === undefined) return NaN;
    if (key.guestId === null) return sample.host[(HOST_COLUMNS as readonly string[]).indexOf(key.column)] ?? NaN;
    return sample.guests[(key.guestId - 1) * C + (GUEST_COLUMNS as readonly string[]).indexOf(key.column)] ?? NaN;
  }

  private series({ range, series, maxPoints }: RequestArgument<'history.series'>): RequestAnswer<'history.series'> {
    const bucketS = Math.max(1, Math.ceil((range.toS - range.fromS + 1) / maxPoints));
    const first = Math.floor(range.fromS / bucketS);
    const buckets = Math.floor(range.toS / bucketS) - first + 1;
    const axisS = Float64Array.from({ length: buckets }, (_, at) => (first + at) * bucketS);
    return {
      bucketS,
      axisS,
      series: series.map((key) => {
        const value = new Float64Array(buckets).fill(NaN);
        const minimum = new Float64Array(buckets).fill(NaN);
        const maximum = new Float64Array(buckets).fill(NaN);
        for (let at = 0; at < buckets; at++) {
          const seen = Array.from({ length: bucketS }, (_, s) => this.valueAt(key, (axisS[at] ?? 0) + s)).filter(
            (one) => !Number.isNaN(one),
          );
          if (seen.length === 0) continue;
          value[at] = GAUGE_COLUMNS.has(key.column)
            ? (seen.at(-1) ?? NaN)
            : seen.reduce((sum, one) => sum + one, 0) / seen.length;
          minimum[at] = Math.min(...seen);
          maximum[at] = Math.max(...seen);
        }
        return { value, minimum, maximum };
      }),
    };
  }

  private allRows(filter: EvictionFilter): EvictionRow[] {
    const rows: EvictionRow[] = [];
    const name = (id: number): string => this.guests.find((guest) => guest.id === id)?.name ?? 'host';
    for (const [second, sample] of this.samples.entries()) {
      const axisS = this.axisStartS + second;
      if (filter.range !== null && (axisS < filter.range.fromS || axisS > filter.range.toS)) continue;
      for (let at = 0; at < sample.evictions.length; at += EVICTION_ROW) {
        const [, victimId = 0, beneficiaryId = 0, reason = 0, pages = 0, , ...ages] = sample.evictions.slice(
          at,
          at + EVICTION_ROW,
        );
        if (filter.victims.length > 0 && !filter.victims.includes(victimId)) continue;
        if (filter.beneficiaries.length > 0 && !filter.beneficiaries.includes(beneficiaryId)) continue;
        const why = EVICTION_REASONS[reason] ?? 'put';
        if (filter.reasons.length > 0 && !filter.reasons.includes(why)) continue;
        rows.push({
          runId: this.runId, second, axisS, wallMs: STARTED_MS + second * 1000, victimId, victim: name(victimId), beneficiaryId, beneficiary: name(beneficiaryId), reason: why, pool: 'precache', pages, ages, cursor: { runId: this.runId, second, row: at / EVICTION_ROW },
        }); // prettier-ignore
      }
    }
    return rows.reverse();
  }

  private evictions({
    filter,
    after,
    limit,
  }: RequestArgument<'history.evictions'>): RequestAnswer<'history.evictions'> {
    const rows = this.allRows(filter);
    const from =
      after === null
        ? 0
        : rows.findIndex(({ cursor }) => cursor.second === after.second && cursor.row === after.row) + 1;
    return { rows: rows.slice(from, from + limit), more: rows.length > from + limit };
  }

  /** One page of each row, as if it were one of four. */
  private singles({
    filter,
    limit,
  }: RequestArgument<'history.evictionSamples'>): RequestAnswer<'history.evictionSamples'> {
    const rows = this.allRows(filter)
      .slice(0, limit)
      .map(({ second, axisS: _axisS, pages: _pages, ages: _ages, ...row }) => ({
        ...row,
        ...{ hostMs: second * 1_000 + 250, object: 7, index: 42, ageMs: 125_000, everyNth: 4 },
      }));
    return { rows, more: false };
  }

  private summary(filter: EvictionFilter): RequestAnswer<'history.evictionSummary'> {
    const rows = this.allRows(filter);
    const cells = new Map<string, RequestAnswer<'history.evictionSummary'>['cells'][number]>();
    for (const { victimId, victim, beneficiaryId, beneficiary, pages } of rows) {
      const key = `${victimId} ${beneficiaryId}`;
      cells.set(key, { victimId, victim, beneficiaryId, beneficiary, pages: (cells.get(key)?.pages ?? 0) + pages });
    }
    return {
      cells: [...cells.values()],
      pages: rows.reduce((sum, { pages }) => sum + pages, 0),
      ages: rows.reduce((sum, { ages }) => sum.map((pages, at) => pages + (ages?.[at] ?? 0)), [0, 0, 0, 0, 0, 0]),
      seconds: new Set(rows.map(({ second }) => second)).size,
    };
  }
}
