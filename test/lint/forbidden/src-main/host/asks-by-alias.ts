// Refused by: arrows-of-src-main-host
import { treaty } from '#contract/treaty.ts';

export const asked = treaty;
