// Refused by: arrows-of-src-renderer
import { readFileSync } from 'node:fs';

export const read = readFileSync;
