// Refused by: arrows-of-src-main-host
import type { reader } from '../trace/reader.ts';

export type Reader = typeof reader;
