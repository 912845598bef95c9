// Refused by: arrows-of-src-main-trace, resolvable
import { nothing } from './nothing.ts';

export const nowhere = nothing;
