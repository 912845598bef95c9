import * as v from 'valibot';

export const treaty = v.string();
