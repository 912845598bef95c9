import { page } from '../host/page.ts';

export const reader = page;
