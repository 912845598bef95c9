// Refused by: arrows-of-src-preload-contract
import { page } from '../../src-main/host/page.ts';

export const known = page;
