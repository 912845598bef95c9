// Refused by: arrows-of-src-main-what-if
import { treaty } from '../../src-preload/contract/treaty.ts';

export const asked = treaty;
