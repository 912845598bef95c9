import { writer } from '../history/writer.ts';

export const table = writer;
