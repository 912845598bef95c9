import { NameTable } from './name-table.ts';
import type { TextFields } from './text-fields.ts';

/** Remembers what the few texts that a column of operations holds mean, so that only the first of each is looked at as text. */
export class Operations {
  private readonly texts = new NameTable();
  private readonly meanings: number[] = [];
  private readonly meaningOf: (text: string) => boolean;

  /** @param isWrite whether a text means a write. @throws BadRecord when it means nothing. */
  constructor(isWrite: (text: string) => boolean) {
    this.meaningOf = isWrite;
  }

  /** 1 when the field means a write, 0 when it means a read. @throws BadRecord when it means nothing. */
  write(fields: TextFields, field: number): number {
    const text = fields.take(field, (bytes, start, end) => this.texts.intern(bytes, start, end));
    return (this.meanings[text] ??= this.meaningOf(fields.text(field)) ? 1 : 0);
  }
}
