import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { BrowserWindow } from 'electron';

const ASK_EVERY_MS = 100;
const GIVE_UP_MS = 60_000;
/** Set by the page on its root element when the first chart with data is on the screen. */
const IS_PAINTED = "document.documentElement.dataset.firstChart === 'painted'";

const TWO_FRAMES = 'new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))';

/** Saves a picture of the window once its first chart is painted, and says where. For machines without a display. */
export async function saveFirstChartPicture(window: BrowserWindow, file: string): Promise<void> {
  const giveUpAt = Date.now() + GIVE_UP_MS;
  let painted = false;
  while (!painted && Date.now() < giveUpAt && !window.isDestroyed()) {
    await wait(ASK_EVERY_MS);
    painted = !window.webContents.isLoadingMainFrame() && (await isPainted(window));
  }
  if (window.isDestroyed()) return;
  // Painted means drawn; two frames later it is on the screen.
  await window.webContents.executeJavaScript(TWO_FRAMES);
  const picture = await window.webContents.capturePage();
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, picture.toPNG());
  process.stdout.write(
    painted
      ? `Screenshot saved: ${file}\n`
      : `No chart was painted within ${GIVE_UP_MS / 1000} s. Screenshot of what there is saved: ${file}\n`,
  );
}

async function isPainted(window: BrowserWindow): Promise<boolean> {
  return (await window.webContents.executeJavaScript(IS_PAINTED)) === true;
}
