// Refused by: arrows-of-src-main-app
import { page } from '../../src-renderer/page.ts';

export const drawn = page;
