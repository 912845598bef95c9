/**
 * Return codes of tmem operations as Xen's hypercall returns them: 1 done, 0 nothing there, a pool number, or one of
 * these. (TMEM-SEMANTICS 2.1 and 2.4; errno numbers of Xen's public ABI.)
 */
export const DONE = 1;
export const MISS = 0;
/** Refused: bad flags, no free pool slot. */
export const EPERM = -1;
/** No such client (control operations on one client). */
export const ENOENT = -2;
/** No memory: the page was not stored. */
export const ENOMEM = -12;
/** No such pool. */
export const ENODEV = -19;
/** An overwrite could not store the new page; the old one is gone. */
export const ENOSPC = -28;
/** The client is frozen. A flush reports this although it was done. */
export const EFROZEN = -1000;
/** A get from a pool that holds no page at all. */
export const EEMPTY = -1001;
