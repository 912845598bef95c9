import { XenAssertion } from '#main/host/tmem/assertion.ts';
import { ENOMEM, EPERM } from '#main/host/tmem/errno.ts';
import {
  ALL_CLIENTS,
  EPHEMERAL_PRIVATE,
  EPHEMERAL_SHARED,
  NO_DOMAIN,
  PERSISTENT_PRIVATE,
  POOL_SHARED,
} from '#main/host/tmem/options.ts';
import type { PolicyName } from '#main/host/tmem/policies/index.ts';
import { NO_CLIENT } from '#main/host/tmem/policies/policy.ts';
import { TmemStore } from '#main/host/tmem/store.ts';
import { ScriptLine } from './script-line.ts';

const DEFAULT_HEAP_PAGES = 4096;
/** Pages of the largest heap a script may ask for: 1 TiB. */
const MAX_PAGES = 0x1000_0000;
/** What a script writes for the domain that is no client. */
const DOM0 = -1;

/**
 * Runs the conformance scripts' language on a store in conformance mode, line by line. {@link run} returns what the line
 * prints; once {@link aborted} is set an assertion of Xen has fired and nothing after it is defined.
 */
export class ScriptRunner {
  /** Xen's debug build would have stopped here. */
  aborted = false;
  private readonly policy: PolicyName;
  private heapPages = DEFAULT_HEAP_PAGES;
  private reservePages = 0;
  private compress = false;
  private started: TmemStore | null = null;
  private readonly line = new ScriptLine();
  private lineNumber = 0;
  /** Numbers in the store of the domains that exist, by domain id. */
  private readonly domains = new Map<number, number>();
  private readonly oid = new Uint32Array(6);
  private readonly uuid = new Uint32Array(4);
  private readonly fill = new Uint32Array(2);

  constructor(policy: PolicyName) {
    this.policy = policy;
  }

  /**
   * Runs the next line. @returns what it prints, '' or whole lines
   * @throws ConsoleError `bad-script` for a malformed line
   */
  run(text: string): string {
    this.lineNumber++;
    const op = this.line.start(text, this.lineNumber);
    if (op === '') return '';
    const setting = SETTINGS[op];
    if (setting !== undefined) {
      if (this.started !== null) this.line.fail(`has "${op}", which must come before all operations`);
      setting(this);
      this.line.end();
      return '';
    }
    const run = OPERATIONS[op] ?? this.line.fail(`has an unknown operation "${op}"`);
    try {
      return run(this);
    } catch (error) {
      if (!(error instanceof XenAssertion)) throw error;
      this.aborted = true;
      return `ABORT line ${this.lineNumber}: Assertion '${error.message}' failed\n`;
    }
  }

  setHeap(): void {
    this.heapPages = this.line.decimal('the number of pages', 0, MAX_PAGES);
    if (this.line.hasMore()) this.reservePages = this.line.decimal('the reserve', 0, MAX_PAGES);
  }

  setMeta(): void {
    if (this.line.flag('0 or 1')) {
      process.stderr.write(
        `Line ${this.lineNumber}: "meta 1" counts the pages of Xen's slab allocator, which this store does not model; it runs as with "meta 0".\n`,
      );
    }
  }

  setCompression(): void {
    this.compress = this.line.flag('0 or 1');
  }

  createDomain(): string {
    const id = this.line.domainId();
    const ram = this.line.decimal('RAM pages', 0, MAX_PAGES);
    const max = this.line.u32('maximum pages');
    this.line.end();
    if (this.domains.has(id)) this.line.fail(`creates domain ${id}, which exists`);
    const domain = this.store.createDomain(id, ram, max);
    this.domains.set(id, domain);
    return `domain ${id} tot=${this.store.totalPagesOf(domain)} max=${max}\n`;
  }

  balloon(): string {
    const id = this.line.domainId();
    const change = this.line.decimal('the change in pages', -MAX_PAGES, MAX_PAGES);
    this.line.end();
    const domain = this.domains.get(id);
    if (domain === undefined) return `balloon ${ENOMEM}\n`;
    if (change >= 0) this.store.growRam(domain, change);
    else this.store.shrinkRam(domain, -change);
    return `balloon ${id} done\n`;
  }

  setMaximum(): string {
    const id = this.line.domainId();
    const max = this.line.u32('maximum pages');
    this.line.end();
    const domain = this.domains.get(id);
    if (domain === undefined) return `maxmem ${ENOMEM}\n`;
    this.store.setMaxPages(domain, max);
    return `maxmem ${id} ${max}\n`;
  }

  newPool(): string {
    const domain = this.domain();
    const kind = this.line.choice('the kind', 'eph', 'pers');
    const sharing = this.line.choice('the sharing', 'private', 'shared');
    let flags = kind === 'pers' ? PERSISTENT_PRIVATE : EPHEMERAL_PRIVATE;
    if (sharing === 'shared') flags = kind === 'pers' ? flags | POOL_SHARED : EPHEMERAL_SHARED;
    this.uuid.fill(0);
    if (this.line.hasMore()) {
      this.readUuid();
      if (this.line.hasMore()) {
        this.line.hex64('the flag word', this.fill, 0);
        if (this.fill[1] !== 0) this.line.fail('has a flag word of more than 32 bits');
        flags = this.fill[0] ?? 0;
      }
    }
    this.line.end();
    return `newpool ${this.store.newPool(domain, flags, this.uuid)}\n`;
  }

  put(): string {
    const domain = this.domain();
    const pool = this.poolNumber();
    this.readOid();
    const index = this.line.u32('a page index');
    this.line.u64('a fill word', this.fill, 0);
    this.line.end();
    return `put ${this.store.put(domain, pool, this.oid, index, this.fill[0] ?? 0, this.fill[1] ?? 0)}\n`;
  }

  get(): string {
    const domain = this.domain();
    const pool = this.poolNumber();
    this.readOid();
    const index = this.line.u32('a page index');
    this.line.end();
    const result = this.store.get(domain, pool, this.oid, index);
    return result === 1 ? `get 1 ${decimal64(this.store.contentLo, this.store.contentHi)}\n` : `get ${result}\n`;
  }

  flushPage(): string {
    const domain = this.domain();
    const pool = this.poolNumber();
    this.readOid();
    const index = this.line.u32('a page index');
    this.line.end();
    return `flush_page ${this.store.flushPage(domain, pool, this.oid, index)}\n`;
  }

  flushObject(): string {
    const domain = this.domain();
    const pool = this.poolNumber();
    this.readOid();
    this.line.end();
    return `flush_obj ${this.store.flushObject(domain, pool, this.oid)}\n`;
  }

  destroyPool(): string {
    const domain = this.domain();
    const pool = this.poolNumber();
    this.line.end();
    return `destroy_pool ${this.store.destroyPool(domain, pool)}\n`;
  }

  destroyClient(): string {
    const id = this.line.domainId();
    this.line.end();
    const domain = this.domains.get(id);
    if (domain === undefined) return `destroy_client ${ENOMEM}\n`;
    this.store.destroyDomain(domain);
    this.domains.delete(id);
    return 'destroy_client ok\n';
  }

  setWeight(): string {
    const domain = this.domainOrAll();
    const weight = this.line.u32('a weight');
    this.line.end();
    return `weight ${this.store.setWeight(domain, weight)}\n`;
  }

  setCompress(): string {
    const domain = this.domainOrAll();
    const on = this.line.flag('0 or 1');
    this.line.end();
    return `setcompress ${this.store.setCompress(domain, on)}\n`;
  }

  /** Xen's DESTROY control operation destroys nothing: it thaws (quirk Q3). */
  freezeOrThaw(op: 'freeze' | 'thaw' | 'destroy'): string {
    const domain = this.domainOrAll();
    this.line.end();
    return `${op} ${op === 'freeze' ? this.store.freeze(domain) : this.store.thaw(domain)}\n`;
  }

  authorise(): string {
    const domain = this.domainOrAll();
    this.readUuid();
    const allowed = this.line.flag('0 or 1');
    this.line.end();
    return `auth ${this.store.authorise(domain, this.uuid, allowed)}\n`;
  }

  setSharedAuth(): string {
    const on = this.line.flag('0 or 1');
    this.line.end();
    this.store.setSharedAuthGlobal(on);
    return `shared_auth_global ${on ? 1 : 0}\n`;
  }

  flushMemory(): string {
    const kib = this.line.u32('KiB');
    this.line.end();
    return `flush_mem ${this.store.flushMem(kib)}\n`;
  }

  evict(): string {
    const times = this.line.u32('a number of evictions');
    const id = this.line.hasMore() ? this.line.decimal('a domain', DOM0, 65_534) : DOM0;
    this.line.end();
    this.store.evict(times, this.domains.get(id) ?? NO_CLIENT);
    return 'evict done\n';
  }

  freeableMb(): string {
    this.line.end();
    return `freeable_mb ${this.store.freeableMb()}\n`;
  }

  list(): string {
    const domain = this.domainOrAll();
    const long = this.line.flag('0 or 1');
    this.line.end();
    const text = this.store.list(domain, long);
    return text === null ? `list ${EPERM}\n` : `list 0\n${text}`;
  }

  counters(name: 'mem' | 'stat'): string {
    this.line.end();
    const { clients, counters, memory, objects, pages } = this.store.core;
    const text =
      `${name} free=${memory.freePages} tmemlist=${memory.listPages} freeable=${memory.ephemeralPages} ` +
      `eph=${clients.totalEphemeralPages} pgp=${pages.count} obj=${objects.count} ` +
      `evicted=${counters.evicted} evict_attempts=${counters.evictAttempts} wtotal=${clients.totalWeight}\n`;
    if (name === 'mem') return text;
    const domains = clients.order.map(
      ({ number, id, totPages, maxPages }) =>
        `dom ${id} tot=${totPages} max=${maxPages} ` +
        `eph=${clients.ephemeralPages[number] ?? 0} weight=${clients.weights[number] ?? 0}\n`,
    );
    return `${text}${this.store.list(ALL_CLIENTS, true) ?? ''}${domains.join('')}`;
  }

  private get store(): TmemStore {
    this.started ??= new TmemStore({
      mode: 'conformance',
      heapPages: this.heapPages,
      reservePages: this.reservePages,
      policy: this.policy,
      compress: this.compress,
      expectedPages: Math.min(this.heapPages, 1 << 16),
    });
    return this.started;
  }

  private domain(): number {
    return this.domains.get(this.line.domainId()) ?? NO_DOMAIN;
  }

  private domainOrAll(): number {
    return this.line.takes('all') ? ALL_CLIENTS : this.domain();
  }

  private poolNumber(): number {
    return this.line.decimal('a pool', -0x8000_0000, 0x7fff_ffff);
  }

  private readOid(): void {
    for (let word = 0; word < 3; word++) this.line.hex64('a word of an object id', this.oid, 2 * word);
  }

  private readUuid(): void {
    this.line.hex64('the low word of a uuid', this.uuid, 0);
    this.line.hex64('the high word of a uuid', this.uuid, 2);
  }
}

/** Lines that may only come before all operations. */
const SETTINGS: Partial<Record<string, (runner: ScriptRunner) => void>> = {
  heap: (runner) => runner.setHeap(),
  meta: (runner) => runner.setMeta(),
  compress: (runner) => runner.setCompression(),
};

const OPERATIONS: Partial<Record<string, (runner: ScriptRunner) => string>> = {
  domain: (runner) => runner.createDomain(),
  balloon: (runner) => runner.balloon(),
  maxmem: (runner) => runner.setMaximum(),
  newpool: (runner) => runner.newPool(),
  put: (runner) => runner.put(),
  get: (runner) => runner.get(),
  flush_page: (runner) => runner.flushPage(),
  flush_obj: (runner) => runner.flushObject(),
  destroy_pool: (runner) => runner.destroyPool(),
  destroy_client: (runner) => runner.destroyClient(),
  weight: (runner) => runner.setWeight(),
  setcompress: (runner) => runner.setCompress(),
  freeze: (runner) => runner.freezeOrThaw('freeze'),
  thaw: (runner) => runner.freezeOrThaw('thaw'),
  destroy: (runner) => runner.freezeOrThaw('destroy'),
  auth: (runner) => runner.authorise(),
  shared_auth_global: (runner) => runner.setSharedAuth(),
  flush_mem: (runner) => runner.flushMemory(),
  evict: (runner) => runner.evict(),
  freeable_mb: (runner) => runner.freeableMb(),
  list: (runner) => runner.list(),
  mem: (runner) => runner.counters('mem'),
  stat: (runner) => runner.counters('stat'),
};

/** A 64-bit number in decimal. */
function decimal64(lo: number, hi: number): string {
  return hi === 0 ? String(lo) : ((BigInt(hi) << 32n) | BigInt(lo)).toString();
}
