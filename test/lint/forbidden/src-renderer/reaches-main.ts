// Refused by: arrows-of-src-renderer
import { page } from '../src-main/host/page.ts';

export const reached = page;
