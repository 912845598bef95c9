// Refused by: arrows-of-src-main-report
import { thread } from '../host-thread/thread.ts';

export const started = thread;
