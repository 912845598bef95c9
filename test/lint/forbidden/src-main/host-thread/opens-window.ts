// Refused by: arrows-of-src-main-host-thread, only-app-and-preload-know-electron
import { BrowserWindow } from 'electron';

export const opened = BrowserWindow;
