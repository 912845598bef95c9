// Refused by: arrows-of-src-main-app
import { command } from '../cli/command.ts';

export const called = command;
