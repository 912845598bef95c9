import { Menu } from 'electron';
import type { MenuItemConstructorOptions } from 'electron';

/** The window's menu: what every desktop program has. Acts on the host live in the page. */
export function setMenu(isDevelopment: boolean): void {
  const mac: MenuItemConstructorOptions[] = process.platform === 'darwin' ? [{ role: 'appMenu' }] : [];
  const tools: MenuItemConstructorOptions[] = isDevelopment
    ? [{ type: 'separator' }, { role: 'reload' }, { role: 'forceReload' }, { role: 'toggleDevTools' }]
    : [];
  Menu.setApplicationMenu(
    Menu.buildFromTemplate([
      ...mac,
      { label: '&File', submenu: [{ role: process.platform === 'darwin' ? 'close' : 'quit' }] },
      { role: 'editMenu' },
      {
        label: '&View',
        submenu: [
          { role: 'resetZoom' },
          { role: 'zoomIn' },
          { role: 'zoomOut' },
          { type: 'separator' },
          { role: 'togglefullscreen' },
          ...tools,
        ],
      },
      { role: 'windowMenu' },
      { label: '&Help', submenu: [{ role: 'about' }] },
    ]),
  );
}
