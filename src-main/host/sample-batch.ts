/** The samples of some host seconds that follow each other. */
export interface SampleBatch {
  readonly firstSecond: number;
  readonly seconds: number;
  /** seconds × host columns, row by row. */
  readonly host: Float64Array<ArrayBuffer>;
  /** seconds × guests × guest columns, row by row, guests in order of id. */
  readonly guests: Float64Array<ArrayBuffer>;
  /**
   * Rows of twelve numbers, by second: second, victim id, beneficiary id (0 = the host), reason, pages, kind of pool (0 =
   * precache, 1 = shared precache, 2 = preswap), and the pages younger than 1 s, 10 s, 1 min, 10 min, 1 h, and older.
   */
  readonly evictions: Float64Array<ArrayBuffer>;
  /**
   * Single evictions, at most 1,000 a second, in rows of ten numbers, by time: second, how many each of them stands for, ms
   * within the second, victim id, beneficiary id, kind of pool, reason, object (low 53 bits of its id), index, age in ms.
   */
  readonly evictionSamples: Float64Array<ArrayBuffer>;
}
