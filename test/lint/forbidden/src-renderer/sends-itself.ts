// Refused by: arrows-of-src-renderer, only-app-and-preload-know-electron
import { ipcRenderer } from 'electron';

export const sent = ipcRenderer;
