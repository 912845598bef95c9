import { BrowserWindow, nativeTheme, screen } from 'electron';
import type { WebPreferences } from 'electron';
import type { TellError } from './log.ts';
import { placeOn, readWindowPlace, SMALLEST, writeWindowPlace } from './window-place.ts';

/** The page's own background, so that nothing flashes before it is painted. */
const BACKGROUND = { light: '#f5f6f8', dark: '#10151c' };
/** Moving and resizing make many events; the place is written when they rest. */
const REST_MS = 500;

type WindowOptions = {
  url: string;
  webPreferences: WebPreferences;
  placeFile: string;
  onError: TellError;
};

/** Opens the window where it stood last, at once, and loads the page into it. */
export function openWindow({ url, webPreferences, placeFile, onError }: WindowOptions): BrowserWindow {
  const remembered = readWindowPlace(placeFile);
  const window = new BrowserWindow({
    ...placeOn(
      screen.getAllDisplays().map((display) => display.workArea),
      remembered,
    ),
    minWidth: SMALLEST.width,
    minHeight: SMALLEST.height,
    backgroundColor: backgroundNow(),
    title: 'Tmem Console',
    webPreferences,
  });
  if (remembered?.maximized === true) window.maximize();
  followTheme(window);
  rememberPlace(window, placeFile, onError);
  window.loadURL(url).catch((thrown: unknown) => onError('loading the page', thrown));
  return window;
}

function backgroundNow(): string {
  return nativeTheme.shouldUseDarkColors ? BACKGROUND.dark : BACKGROUND.light;
}

function followTheme(window: BrowserWindow): void {
  const follow = (): void => window.setBackgroundColor(backgroundNow());
  nativeTheme.on('updated', follow);
  window.once('closed', () => nativeTheme.off('updated', follow));
}

function rememberPlace(window: BrowserWindow, file: string, onError: TellError): void {
  let rest: NodeJS.Timeout | undefined;
  const write = (): void => {
    clearTimeout(rest);
    try {
      writeWindowPlace(file, { bounds: window.getNormalBounds(), maximized: window.isMaximized() });
    } catch (thrown) {
      onError('remembering where the window stands', thrown);
    }
  };
  const later = (): void => {
    clearTimeout(rest);
    rest = setTimeout(write, REST_MS);
  };
  window.on('resize', later);
  window.on('move', later);
  window.on('close', write);
}
