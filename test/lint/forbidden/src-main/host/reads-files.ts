// Refused by: arrows-of-src-main-host
import { readFileSync } from 'node:fs';

export const read = readFileSync;
