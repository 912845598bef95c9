/** The samples of some host seconds that follow each other. */
export interface SampleBatch {
  readonly firstSecond: number;
  readonly seconds: number;
  /** seconds × host columns, row by row. */
  readonly host: Float64Array<ArrayBuffer>;
  /** seconds × guests × guest columns, row by row, guests in order of id. */
  readonly guests: Float64Array<ArrayBuffer>;
  /** Rows of five numbers: second, victim id, beneficiary id (0 = the host), reason, pages; by second. */
  readonly evictions: Float64Array<ArrayBuffer>;
}
