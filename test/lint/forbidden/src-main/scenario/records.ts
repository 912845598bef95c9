// Refused by: arrows-of-src-main-scenario
import { writer } from '../history/writer.ts';

export const file = writer;
