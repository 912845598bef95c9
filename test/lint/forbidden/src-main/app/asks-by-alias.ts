import { treaty } from '#contract/treaty.ts';

export const asked = treaty;
