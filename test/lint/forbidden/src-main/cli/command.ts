import { Command } from 'commander';
import { thread } from '../host-thread/thread.ts';

export const command = [Command, thread];
