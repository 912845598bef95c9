// Refused by: arrows-of-src-preload-preload.ts
import { thread } from '../src-main/host-thread/thread.ts';
import { treaty } from './contract/treaty.ts';

export const preload = [thread, treaty];
