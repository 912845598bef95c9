// Refused by: arrows-of-src-main-history
import { thread } from '../host-thread/thread.ts';

export const started = thread;
