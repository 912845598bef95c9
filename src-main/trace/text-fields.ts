import { BadRecord } from './trace-error.ts';

const QUOTE = 34;
const POINT = 46;
const MAX_FIELDS = 256;
const TWO_32 = 2 ** 32;

/**
 * The fields of one line of delimited text, and the numbers in them, without making strings of them. Blanks around a field do not count; a
 * field may be quoted as in RFC 4180, but a line feed in it ends the line all the same.
 */
export class TextFields {
  /** Fields of the line that was split last. */
  count = 0;
  /** The words of the number that {@link u64} read last. */
  high = 0;
  low = 0;

  private bytes: Uint8Array = new Uint8Array(0);
  private readonly starts = new Int32Array(MAX_FIELDS);
  private readonly ends = new Int32Array(MAX_FIELDS);

  /** Splits the line `bytes[start … end − 1]`. A carriage return at its end does not count. */
  split(bytes: Uint8Array, start: number, end: number, delimiter: number): void {
    this.count = 0;
    this.bytes = bytes;
    let fieldStart = start;
    for (let at = start; at <= end; at++) {
      if (at < end && bytes[at] === QUOTE) {
        this.splitQuoted(bytes.subarray(start, end), delimiter);
        return;
      }
      if (at < end && bytes[at] !== delimiter) continue;
      this.add(fieldStart, at);
      fieldStart = at + 1;
    }
  }

  /** Splits a line at runs of blanks, into the first `limit` words at most. */
  splitWords(bytes: Uint8Array, start: number, end: number, limit: number): void {
    this.count = 0;
    this.bytes = bytes;
    for (let at = start; at < end && this.count < limit; at++) {
      if (isBlank(bytes[at])) continue;
      const from = at;
      while (at < end && !isBlank(bytes[at])) at++;
      this.add(from, at);
    }
  }

  /** Calls `use` with the bytes of a field. */
  take<T>(field: number, use: (bytes: Uint8Array, start: number, end: number) => T): T {
    return use(this.bytes, this.starts[field], this.ends[field]);
  }

  isEmpty(field: number): boolean {
    return field >= this.count || this.starts[field] === this.ends[field];
  }

  text(field: number): string {
    return new TextDecoder().decode(this.bytes.subarray(this.starts[field], this.ends[field]));
  }

  /** Whether the field is a whole number below 2^64; then its words are in `high` and `low`. */
  u64(field: number): boolean {
    return this.digits(this.starts[field], this.ends[field]);
  }

  /**
   * Reads the field as a number with decimal places, 0 or more: its whole part into `high` and `low`.
   * @returns the part after the point, in billionths, cut off after nine places.
   * @throws BadRecord when it is none, or its whole part is not below 2^64.
   */
  decimal(field: number, what: string): number {
    const { bytes } = this;
    const end = this.ends[field];
    let point = this.starts[field];
    while (point < end && bytes[point] !== POINT) point++;
    if (this.digits(this.starts[field], point)) {
      let billionths = 0;
      let at = point + 1;
      for (let weight = 1e8; at < end && isDigit(bytes[at]); at++, weight /= 10) {
        if (weight >= 1) billionths += weight * (bytes[at] - 48);
      }
      if (at >= end) return billionths;
    }
    return this.scientific(field, what);
  }

  /** A number such as 1e-05, as some programs write small times. */
  private scientific(field: number, what: string): number {
    const text = this.text(field);
    const value = /^\d*\.?\d+(?:e[-+]?\d+)?$/i.test(text) ? Number(text) : -1;
    if (!(value >= 0 && value <= Number.MAX_SAFE_INTEGER)) {
      throw new BadRecord(`the ${what} "${this.shown(field)}" is not a number from 0 to 2^64`);
    }
    const whole = Math.floor(value);
    this.high = Math.floor(whole / TWO_32);
    this.low = whole % TWO_32;
    return Math.floor((value - whole) * 1e9);
  }

  private digits(start: number, end: number): boolean {
    const { bytes } = this;
    let high = 0;
    let low = 0;
    for (let at = start; at < end; at++) {
      const digit = bytes[at] - 48;
      if (digit < 0 || digit > 9) return false;
      low = low * 10 + digit;
      high = high * 10;
      if (low >= TWO_32) {
        high += Math.floor(low / TWO_32);
        low %= TWO_32;
      }
      if (high >= TWO_32) return false;
    }
    this.high = high;
    this.low = low;
    return end > start;
  }

  /** The field as a whole number up to 2^53 − 1. @throws BadRecord with the field's text when it is none. */
  whole(field: number, what: string): number {
    const value = this.u64(field) ? this.high * TWO_32 + this.low : -1;
    if (value < 0 || value > Number.MAX_SAFE_INTEGER) {
      throw new BadRecord(`the ${what} "${this.shown(field)}" is not a whole number up to 2^53 − 1`);
    }
    return value;
  }

  /** The field's text as a message may show it. */
  shown(field: number): string {
    return printable(this.text(field));
  }

  private splitQuoted(line: Uint8Array, delimiter: number): void {
    // Doubled quotes make a field shorter than what is written: all fields are copied.
    const plain = new Uint8Array(line.length);
    this.bytes = plain;
    this.count = 0;
    let length = 0;
    let fieldStart = 0;
    let quoted = false;
    for (let at = 0; at <= line.length; at++) {
      const byte = line[at];
      if (at < line.length && byte === QUOTE) {
        if (quoted && line[at + 1] === QUOTE) plain[length++] = line[++at];
        else quoted = !quoted;
      } else if (at < line.length && (quoted || byte !== delimiter)) {
        plain[length++] = byte;
      } else {
        this.add(fieldStart, length);
        fieldStart = length;
      }
    }
    if (quoted) throw new BadRecord('a quoted field does not end');
  }

  private add(start: number, end: number): void {
    if (this.count === MAX_FIELDS) throw new BadRecord(`the line has more than ${MAX_FIELDS} fields`);
    const { bytes } = this;
    let from = start;
    let to = end;
    while (from < to && isBlank(bytes[from])) from++;
    while (to > from && isBlank(bytes[to - 1])) to--;
    this.starts[this.count] = from;
    this.ends[this.count++] = to;
  }
}

function isBlank(byte: number): boolean {
  return byte === 32 || byte === 13 || byte === 9;
}

function isDigit(byte: number): boolean {
  return byte >= 48 && byte <= 57;
}

/** Whether a line is blank or a comment: its first byte that is no blank, if any, is "#". */
export function isBlankOrComment(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if (bytes[at] > 32) return bytes[at] === 35;
  return true;
}

/** A text as a message may show it: short, and of characters that can be seen. */
export function printable(text: string): string {
  const shown = text.slice(0, 40).replace(/[^ -~]/g, '?');
  return text.length > 40 ? `${shown}…` : shown;
}
