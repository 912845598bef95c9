import { hexDigit } from '../ascii.ts';
import { BlockRequests } from '../block-requests.ts';
import { SECTOR_BYTES, inBytes } from '../block-units.ts';
import { firstLines } from '../block-csv.ts';
import type { Decoded, DecodeOptions, Decoder, TraceFormatReader } from '../format.ts';
import { NameTable } from '../name-table.ts';
import { Operations } from '../operations.ts';
import { TextFields, isBlankOrComment, printable } from '../text-fields.ts';
import { TextLines } from '../text-lines.ts';
import { BadRecord } from '../trace-error.ts';

/**
 * FIU traces (SNIA IOTTA 390, 391, 414 "IODedup"), one request a line, separated by blanks:
 *
 *     time in ns, pid, process, lba, size, W|R, major, minor, MD5 …
 *
 * lba and size count sectors of 512 bytes. There is an MD5 of each 4096 bytes of the request, in the home traces one of each 512. It gives
 * the content of each page that the request covers whole: from digests of 4096 bytes only where the request begins on a page.
 */
export const fiu: TraceFormatReader = {
  name: 'fiu',
  title: 'FIU block trace with MD5 digests',

  likeness: (head) =>
    /^\d+ +\d+ +\S[^\n]*? +\d+ +\d+ +[RW] +\d+ +\d+(?: +[\da-f]+)* *\r?\n/i.test(firstLines(head)) ? 0.98 : 0,

  decoder: (options) => new FiuDecoder(options),
};

const SECTORS_A_PAGE = 8;
const DIGEST_DIGITS = 32;
const TWO_32 = 2 ** 32;
/** Fields before the digests: four before the process's name, a name of up to 16 characters, five behind it. */
const FIELDS_BEFORE_DIGESTS = 20;
/** Where the operation stands when the process's name is one word. */
const OPERATION = 5;

class FiuDecoder implements Decoder {
  private readonly lines = new TextLines((bytes, start, end) => this.read(bytes, start, end));
  private readonly fields = new TextFields();
  private readonly operations = new Operations(isWrite);
  private readonly requests: BlockRequests;
  private readonly devices = new NameTable();
  private readonly fileOf: number[] = [];
  /** Two words of each digest of the current line. */
  private digests = new Int32Array(256);
  private digestCount = 0;
  private withoutContent = 0;
  private firstHigh = -1;
  private firstLow = 0;

  constructor(options: DecodeOptions) {
    this.requests = new BlockRequests(options);
  }

  push(chunk: Uint8Array): void {
    this.lines.push(chunk);
  }

  end(): Decoded {
    this.lines.end();
    const notes: string[] = [];
    if (this.withoutContent > 0) {
      const pages = this.withoutContent.toLocaleString('en');
      notes.push(`${pages} references are of unknown content: no digest is of their page alone.`);
    }
    return { ...this.requests.finish(), postCache: true, notes };
  }

  private read(bytes: Uint8Array, start: number, end: number): void {
    if (isBlankOrComment(bytes, start, end)) return;
    const { fields } = this;
    fields.splitWords(bytes, start, end, FIELDS_BEFORE_DIGESTS);
    const operation = this.findOperation();
    if (!fields.u64(0)) throw new BadRecord(`the time "${fields.shown(0)}" is not a whole number below 2^64`);
    const timeUs = this.time();
    const sector = fields.whole(operation - 2, 'lba');
    const sectors = fields.whole(operation - 1, 'size');
    const write = this.operations.write(fields, operation);
    const file = this.device(operation + 1);
    this.readDigests(
      bytes,
      fields.take(operation + 2, (_, __, at) => at),
      end,
    );
    const offset = inBytes(sector, SECTOR_BYTES, 'lba');
    const size = inBytes(sectors, SECTOR_BYTES, 'size');
    const reference = this.requests.request(file, offset, size, timeUs, write, 0);
    if (reference >= 0) this.setContents(reference, sector, sectors);
  }

  /** The field of the operation: usually the sixth, later where the name of a process holds blanks. */
  private findOperation(): number {
    const { fields } = this;
    for (let field = OPERATION; field + 2 < fields.count; field++) {
      const around = [field - 2, field - 1, field + 1, field + 2];
      if (fields.take(field, isLetter) && around.every((number) => fields.u64(number))) return field;
    }
    throw new BadRecord('the line is not "time pid process lba size R|W major minor MD5 …"');
  }

  /** The time in µs since the first request. */
  private time(): number {
    const { high, low } = this.fields;
    if (this.firstHigh < 0) {
      this.firstHigh = high;
      this.firstLow = low;
    }
    return Math.floor(((high - this.firstHigh) * TWO_32 + (low - this.firstLow)) / 1000);
  }

  /** The file of the device whose two numbers are in this field and the next. */
  private device(field: number): number {
    const { fields, devices } = this;
    const device = fields.take(field, (bytes, start) =>
      fields.take(field + 1, (_, __, end) => devices.intern(bytes, start, end)),
    );
    if (device === this.fileOf.length) {
      const [major, minor] = [fields.whole(field, 'major number'), fields.whole(field + 1, 'minor number')];
      this.fileOf.push(this.requests.builder.namedFile(`dev ${major}:${minor}`));
    }
    return this.fileOf[device];
  }

  private readDigests(bytes: Uint8Array, from: number, end: number): void {
    this.digestCount = 0;
    for (let at = from; at < end; at++) {
      if (bytes[at] === 32 || bytes[at] === 9 || bytes[at] === 13) continue;
      const start = at;
      let digits = 0;
      let word = 0;
      for (let digit = hexDigit(bytes[at]); digit >= 0 && at < end; digit = hexDigit(bytes[++at])) {
        word = (word << 4) | digit;
        digits++;
        // The first two of the four words of an MD5 tell contents apart as well as the store's own 64-bit stand-ins do.
        if (digits % DIGEST_DIGITS === 8) this.addWord(0, word);
        else if (digits % DIGEST_DIGITS === 16) this.addWord(1, word);
        else if (digits % DIGEST_DIGITS === 0) this.digestCount++;
      }
      if (digits === 0 || digits % DIGEST_DIGITS !== 0 || (at < end && bytes[at] > 32)) {
        const text = new TextDecoder('latin1').decode(bytes.subarray(start, end));
        throw new BadRecord(`the digest "${printable(text)}" is not 32 hexadecimal digits`);
      }
    }
  }

  private addWord(word: number, value: number): void {
    const at = this.digestCount * 2 + word;
    if (at >= this.digests.length) {
      const digests = new Int32Array(this.digests.length * 2);
      digests.set(this.digests);
      this.digests = digests;
    }
    this.digests[at] = value;
  }

  /** Says what the pages of the line's request hold, from its first reference on. */
  private setContents(reference: number, sector: number, sectors: number): void {
    const { digests, digestCount } = this;
    const { builder } = this.requests;
    const firstPage = Math.floor(sector / SECTORS_A_PAGE);
    const perSector = digestCount === sectors;
    const perPage = digestCount === Math.ceil(sectors / SECTORS_A_PAGE) && sector % SECTORS_A_PAGE === 0;
    for (let at = reference; at < builder.references; at++) {
      const skipped = (firstPage + at - reference) * SECTORS_A_PAGE - sector;
      const isWhole = skipped >= 0 && skipped + SECTORS_A_PAGE <= sectors;
      if (isWhole && perSector) {
        this.setFromSectors(at, skipped);
      } else if (isWhole && perPage) {
        const digest = (skipped / SECTORS_A_PAGE) * 2;
        builder.setContent(at, digests[digest], digests[digest + 1]);
      } else {
        this.withoutContent++;
      }
    }
  }

  private setFromSectors(reference: number, first: number): void {
    let high = 0;
    let low = 0;
    for (let at = first * 2; at < (first + SECTORS_A_PAGE) * 2; at += 2) {
      high = Math.imul(high ^ this.digests[at], 0x9e37_79b1);
      low = Math.imul(low ^ this.digests[at + 1], 0x85eb_ca6b);
      high ^= high >>> 15;
      low ^= low >>> 13;
    }
    this.requests.builder.setContent(reference, high, low);
  }
}

function isLetter(bytes: Uint8Array, start: number, end: number): boolean {
  return end === start + 1 && bytes[start] >= 65;
}

function isWrite(operation: string): boolean {
  if (/^[rw]$/i.test(operation)) return operation.toLowerCase() === 'w';
  throw new BadRecord(`the operation "${printable(operation)}" is neither R nor W`);
}
