// Refused by: arrows-of-src-main-report
import { page } from '../host/page.ts';

export const asked = page;
