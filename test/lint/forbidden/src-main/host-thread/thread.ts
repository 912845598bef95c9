import { writer } from '../history/writer.ts';
import { reader } from '../trace/reader.ts';

export const thread = [writer, reader];
