// Refused by: arrows-of-src-main-study-process
import { thread } from '../host-thread/thread.ts';

export const started = thread;
