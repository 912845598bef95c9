/** libCacheSim's numbers of the operations that change an object: set, add, cas, replace, append, prepend, delete, incr, decr, write, update. */
const WRITES = new Set([3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 14]);
const LAST = 14;
const INVALID = 255;

/** Whether an operation, by its number in libCacheSim's `request.h`, changes its object. */
export function isWriteOperation(operation: number): boolean {
  return WRITES.has(operation);
}

export function isKnownOperation(operation: number): boolean {
  return operation <= LAST || operation === INVALID;
}
