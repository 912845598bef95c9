import type { StateReader, StateWriter } from '../state.ts';
import type { ContentConfig } from './kernel-config.ts';

/** The high word of a content: class (2 bits), whose it is (14 bits), version (16 bits). */
const CLASS_SHIFT = 30;
const OWNER_SHIFT = 16;
const VERSIONS = 0x1_0000;
/** Owners from this one on are guests; below are images, and above those what traces know the contents of. */
const GUEST_OWNERS = 0x2000;
const OWNERS = 0x2000;
const RECORDED = 0x1000 << OWNER_SHIFT;
/** What is left of the high word for the hash of a recorded content. */
const RECORDED_BITS = 0x0fff_ffff;
/** Low words of anonymous pages count down from here, so that they are none of files. */
const ANON_TOP = 0xffff_ffff;
const ZERO_CLASS = 3;
/**
 * Hashes of a page of zeros, low and high word: of its MD5 (620f0b67 a91f7f74 …), and of what the reader of FIU traces
 * makes of eight MD5s of 512 zeros each.
 */
const ZERO_HASHES = [
  [0xa91f_7f74, 0x620f_0b67],
  [0xa170_a310, 0x0b11_dff2],
] as const;

/** The class of a content made by {@link PageContents}: an index of `CONTENT_CLASSES`. */
export function contentClass(_lo: number, hi: number): number {
  return hi >>> CLASS_SHIFT;
}

/**
 * What the pages of a guest hold, as the 64-bit stand-ins that the store is given: equal where the pages' bytes would be.
 * A file page's changes with each write, so a stale copy that tmem gave back would be noticed. Where a workload knows the
 * contents of its pages (a trace with hashes), stand-ins are made of those: equal in all guests, and of a class each.
 */
export class PageContents {
  /** Whether contents that the workload knows count. */
  readonly areRecorded: boolean;
  private readonly config: ContentConfig | null;
  private readonly filePages: number;
  private readonly owner: number;
  /** By file page, how often it was written; made at the first write. */
  private versions = new Uint16Array(0);
  /** Hashes of the contents that the workload knows, and by file page which of them it holds (0: none); made at first use. */
  private readonly hashes: Uint32Array;
  private held = new Int32Array(0);

  /**
   * @param config null: the low word is the page's number, the high one its version alone
   * @param hashes of the contents that the workload knows ({@link Workload.contentHashes}); they count where there is a config
   */
  constructor(config: ContentConfig | null, filePages: number, guestId: number, hashes?: Uint32Array) {
    this.config = config;
    this.filePages = filePages;
    this.owner = GUEST_OWNERS + (guestId % OWNERS);
    this.hashes = hashes ?? new Uint32Array(0);
    this.areRecorded = config !== null && hashes !== undefined;
  }

  fileLo(page: number): number {
    if (this.config === null) return page;
    const content = this.heldBy(page);
    if (content > 0) return this.isZero(content) ? 0 : this.hashes[2 * content - 2];
    return this.fileHi(page) >>> CLASS_SHIFT === ZERO_CLASS ? 0 : page;
  }

  fileHi(page: number): number {
    const { config, versions } = this;
    const version = versions.length === 0 ? 0 : versions[page];
    if (config === null) return version;
    const content = this.heldBy(page);
    if (content > 0) return this.recordedHi(content, config);
    const kind = classOf(page, config.filePermille);
    if (kind === ZERO_CLASS) return (ZERO_CLASS << CLASS_SHIFT) >>> 0;
    const owner = page < config.imagePages && version === 0 ? config.image : this.owner;
    return ((kind << CLASS_SHIFT) | (owner << OWNER_SHIFT) | version) >>> 0;
  }

  anonLo(page: number): number {
    return this.config !== null && this.anonHi(page) >>> CLASS_SHIFT === ZERO_CLASS ? 0 : ANON_TOP - page;
  }

  anonHi(page: number): number {
    if (this.config === null) return 0;
    const kind = classOf(page, this.config.anonPermille);
    return ((kind << CLASS_SHIFT) | (kind === ZERO_CLASS ? 0 : this.owner << OWNER_SHIFT)) >>> 0;
  }

  /** A file page was written to. */
  written(page: number): void {
    if (this.versions.length === 0) this.versions = new Uint16Array(this.filePages);
    this.versions[page] = (this.versions[page] + 1) % VERSIONS;
    if (this.held.length > 0) this.held[page] = 0;
  }

  /**
   * A file page in RAM holds a content that the workload knows, whatever it was taken to hold before: a recording that
   * begins again finds what it found the first time. @param content by number; 0: not known, the page holds what it held
   */
  holds(page: number, content: number): void {
    if (content === 0) return;
    if (this.held.length === 0) this.held = new Int32Array(this.filePages);
    this.held[page] = content;
  }

  private heldBy(page: number): number {
    return this.held.length === 0 ? 0 : this.held[page];
  }

  private isZero(content: number): boolean {
    const lo = this.hashes[2 * content - 2];
    const hi = this.hashes[2 * content - 1];
    return ZERO_HASHES.some((zero) => lo === zero[0] && hi === zero[1]);
  }

  /** Zeros are known by their hash. The class of another content is its place among the other classes, by its hash. */
  private recordedHi(content: number, { filePermille }: ContentConfig): number {
    if (this.isZero(content)) return (ZERO_CLASS << CLASS_SHIFT) >>> 0;
    const others = 1000 - filePermille[ZERO_CLASS];
    const kind = others === 0 ? 0 : classOf(this.hashes[2 * content - 2], filePermille, others);
    return ((kind << CLASS_SHIFT) | RECORDED | (this.hashes[2 * content - 1] & RECORDED_BITS)) >>> 0;
  }

  save(to: StateWriter): void {
    to.array('file page versions', this.versions);
    if (this.areRecorded) to.array('file page contents', this.held);
  }

  restore(from: StateReader): void {
    this.versions = from.array('file page versions', Uint16Array).slice();
    if (this.areRecorded) this.held = from.array('file page contents', Int32Array).slice();
  }
}

/** The class of a page: its place among a thousand, by a hash of its number (the finaliser of MurmurHash3). */
function classOf(page: number, permille: readonly number[], of = 1000): number {
  let hash = Math.imul(page ^ (page >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  let place = ((hash ^ (hash >>> 16)) >>> 0) % of;
  let kind = 0;
  while (kind < permille.length - 1 && place >= permille[kind]) place -= permille[kind++];
  return kind;
}
