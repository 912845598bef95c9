// Refused by: arrows-of-src-main-trace
import { writer } from '../history/writer.ts';

export const written = writer;
