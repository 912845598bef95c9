import type { StateReader, StateWriter } from '../state.ts';
import type { ContentConfig } from './kernel-config.ts';

/** The high word of a content: class (2 bits), whose it is (14 bits), version (16 bits). */
const CLASS_SHIFT = 30;
const OWNER_SHIFT = 16;
const VERSIONS = 0x1_0000;
/** Owners from this one on are guests, those below are images. */
const GUEST_OWNERS = 0x2000;
const OWNERS = 0x2000;
/** Low words of anonymous pages count down from here, so that they are none of files. */
const ANON_TOP = 0xffff_ffff;
const ZERO_CLASS = 3;

/** The class of a content made by {@link PageContents}: an index of `CONTENT_CLASSES`. */
export function contentClass(_lo: number, hi: number): number {
  return hi >>> CLASS_SHIFT;
}

/**
 * What the pages of a guest hold, as the 64-bit stand-ins that the store is given: equal where the pages' bytes would be.
 * A file page's changes with each write, so a stale copy that tmem gave back would be noticed.
 */
export class PageContents {
  private readonly config: ContentConfig | null;
  private readonly filePages: number;
  private readonly owner: number;
  /** By file page, how often it was written; made at the first write. */
  private versions = new Uint16Array(0);

  /** @param config null: the low word is the page's number, the high one its version alone */
  constructor(config: ContentConfig | null, filePages: number, guestId: number) {
    this.config = config;
    this.filePages = filePages;
    this.owner = GUEST_OWNERS + (guestId % OWNERS);
  }

  fileLo(page: number): number {
    return this.config !== null && this.fileHi(page) >>> CLASS_SHIFT === ZERO_CLASS ? 0 : page;
  }

  fileHi(page: number): number {
    const { config, versions } = this;
    const version = versions.length === 0 ? 0 : versions[page];
    if (config === null) return version;
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
  }

  save(to: StateWriter): void {
    to.array('file page versions', this.versions);
  }

  restore(from: StateReader): void {
    this.versions = from.array('file page versions', Uint16Array).slice();
  }
}

/** The class of a page: its place among a thousand, by a hash of its number (the finaliser of MurmurHash3). */
function classOf(page: number, permille: readonly number[]): number {
  let hash = Math.imul(page ^ (page >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  let place = ((hash ^ (hash >>> 16)) >>> 0) % 1000;
  let kind = 0;
  while (kind < permille.length - 1 && place >= permille[kind]) place -= permille[kind++];
  return kind;
}
