/** A number, or text that somebody else may have chosen. Null is an empty field. */
export type CsvValue = string | number | null;

/** Characters with which a spreadsheet takes a field for a formula. */
const FORMULA = /^[=+\-@\t\r\n＝＋－＠]/;

/**
 * A table as CSV after RFC 4180: CRLF at the end of each line, quotes where needed, quotes within doubled. Text that a
 * spreadsheet would run as a formula gets an apostrophe before it (OWASP, "CSV Injection"); numbers stay as they are.
 */
export function* csvLines(header: readonly string[], rows: Iterable<readonly CsvValue[]>): Generator<string> {
  yield line(header);
  for (const row of rows) {
    if (row.length !== header.length) throw new Error(`A row has ${row.length} fields of ${header.length}.`);
    yield line(row);
  }
}

function line(values: readonly CsvValue[]): string {
  return `${values.map(field).join(',')}\r\n`;
}

function field(value: CsvValue): string {
  if (value === null) return '';
  if (typeof value === 'number') return String(value);
  const safe = FORMULA.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
