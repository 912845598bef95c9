import { ConsoleError } from '#contract/errors.ts';

const U32_MAX = 0xffff_ffff;
/** Domain ids end below Xen's reserved ones; 65,535 stands for all clients in the control operations. */
const DOMAIN_ID_MAX = 65_534;

/**
 * The words of one line of an ops script, read from left to right. Each reader says what it expected where the word
 * does not fit. Reused from line to line.
 */
export class ScriptLine {
  private words: string[] = [];
  private at = 0;
  private number = 0;

  /** Starts on a line. @param number its number in the script, from 1 @returns its first word, or '' for none */
  start(text: string, number: number): string {
    const hash = text.indexOf('#');
    this.words = (hash < 0 ? text : text.slice(0, hash)).split(/[\t\v\f\r ]+/);
    this.number = number;
    this.at = this.words[0] === '' ? 1 : 0;
    if (this.words.at(-1) === '') this.words.pop();
    return this.words[this.at++] ?? '';
  }

  /** Whether words are left. */
  hasMore(): boolean {
    return this.at < this.words.length;
  }

  /** The line must end here. */
  end(): void {
    if (this.hasMore()) this.fail(`has "${this.words[this.at] ?? ''}" after its last operand`);
  }

  /** One of some words. */
  choice<W extends string>(name: string, ...choices: readonly W[]): W {
    const word = this.next(name);
    const found = choices.find((choice) => choice === word);
    return found ?? this.fail(`has "${word}" where ${name} (${choices.join(' or ')}) was expected`);
  }

  /** Whether the next word is this one; takes it if so. */
  takes(word: string): boolean {
    if (this.words[this.at] !== word) return false;
    this.at++;
    return true;
  }

  /** A decimal whole number. */
  decimal(name: string, min: number, max: number): number {
    const word = this.next(name);
    const value = /^-?\d+$/.test(word) ? Number(word) : NaN;
    if (value >= min && value <= max) return value;
    return this.fail(`has "${word}" where ${name} (a whole number from ${min} to ${max}) was expected`);
  }

  u32(name: string): number {
    return this.decimal(name, 0, U32_MAX);
  }

  domainId(): number {
    return this.decimal('a domain', 0, DOMAIN_ID_MAX);
  }

  /** A switch, 0 or 1. */
  flag(name: string): boolean {
    return this.decimal(name, 0, 1) === 1;
  }

  /** A decimal number of up to 64 bits, as two words at `to[at]` (low) and `to[at + 1]`. */
  u64(name: string, to: Uint32Array, at: number): void {
    const word = this.next(name);
    if (/^\d{1,15}$/.test(word)) {
      const value = Number(word);
      to[at] = value;
      to[at + 1] = Math.floor(value / 0x1_0000_0000);
      return;
    }
    const value = /^\d+$/.test(word) ? BigInt(word) : -1n;
    if (value < 0n || value >> 64n !== 0n) {
      this.fail(`has "${word}" where ${name} (a whole number of 64 bits) was expected`);
    }
    to[at] = Number(value & 0xffff_ffffn);
    to[at + 1] = Number(value >> 32n);
  }

  /** A hexadecimal number of up to 64 bits, as two words at `to[at]` (low) and `to[at + 1]`. */
  hex64(name: string, to: Uint32Array, at: number): void {
    const word = this.next(name);
    const digits = /^(?:0[xX])?([0-9a-fA-F]{1,16})$/.exec(word)?.[1];
    if (digits === undefined) this.fail(`has "${word}" where ${name} (up to 16 hexadecimal digits) was expected`);
    else if (digits.length <= 8) {
      to[at] = parseInt(digits, 16);
      to[at + 1] = 0;
    } else {
      to[at] = parseInt(digits.slice(-8), 16);
      to[at + 1] = parseInt(digits.slice(0, -8), 16);
    }
  }

  /** Says what is wrong with this line. */
  fail(problem: string): never {
    throw new ConsoleError('bad-script', `Line ${this.number} ${problem}.`);
  }

  private next(name: string): string {
    const word = this.words[this.at++];
    return word ?? this.fail(`ends where ${name} was expected`);
  }
}
