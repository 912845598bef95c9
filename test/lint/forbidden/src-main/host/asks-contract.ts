// Refused by: arrows-of-src-main-host
import { treaty } from '../../src-preload/contract/treaty.ts';

export const asked = treaty;
