// Refused by: arrows-of-src-main-cli
import { window } from '../app/window.ts';

export const asked = window;
