import { app } from 'electron';
import { thread } from '../host-thread/thread.ts';

export const window = [app, thread];
