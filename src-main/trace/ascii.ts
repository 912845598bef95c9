/** Whether `what` stands at `at`, whole before `end`. */
export function startsWith(bytes: Uint8Array, what: Uint8Array, at: number, end: number): boolean {
  if (at + what.length > end) return false;
  for (let i = 0; i < what.length; i++) if (bytes[at + i] !== what[i]) return false;
  return true;
}

/** Where `what` first stands, whole before `end`, or −1. */
export function indexOf(bytes: Uint8Array, what: Uint8Array, from: number, end: number): number {
  for (let at = from; at + what.length <= end; at++) if (startsWith(bytes, what, at, end)) return at;
  return -1;
}

/** The value of a hexadecimal digit in either case, or −1. */
export function hexDigit(byte: number): number {
  if (byte >= 48 && byte <= 57) return byte - 48;
  const letter = byte | 32;
  return letter >= 97 && letter <= 102 ? letter - 87 : -1;
}

/** The bytes of a text of ASCII characters. */
export function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}
