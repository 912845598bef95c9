import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import * as v from 'valibot';

const Coordinate = v.pipe(v.number(), v.safeInteger());
const RectangleSchema = v.strictObject({
  x: Coordinate,
  y: Coordinate,
  width: v.pipe(Coordinate, v.minValue(1), v.maxValue(32_768)),
  height: v.pipe(Coordinate, v.minValue(1), v.maxValue(32_768)),
});
type Rectangle = v.InferOutput<typeof RectangleSchema>;
const WindowPlaceSchema = v.strictObject({ version: v.literal(1), bounds: RectangleSchema, maximized: v.boolean() });

/** Where the window stood, in screen pixels. */
export type WindowPlace = { bounds: Rectangle; maximized: boolean };

export const SMALLEST = { width: 960, height: 600 };
const FIRST_SIZE = { width: 1280, height: 800 };
/** This much of the window must be on a screen for a person to get hold of it. */
const VISIBLE_MIN = 100;

/** Reads the place from its file; null where there is none that can be read. */
export function readWindowPlace(file: string): WindowPlace | null {
  try {
    const { bounds, maximized } = v.parse(WindowPlaceSchema, JSON.parse(readFileSync(file, 'utf8')));
    return { bounds, maximized };
  } catch {
    // None yet, or damaged: the window opens where a first one would.
    return null;
  }
}

/** Writes the place into its file, whole or not at all. */
export function writeWindowPlace(file: string, { bounds, maximized }: WindowPlace): void {
  mkdirSync(dirname(file), { recursive: true });
  const { x, y, width, height } = bounds;
  const content: v.InferInput<typeof WindowPlaceSchema> = { version: 1, bounds: { x, y, width, height }, maximized };
  writeFileSync(`${file}.new`, `${JSON.stringify(content)}\n`);
  renameSync(`${file}.new`, file);
}

/** The size and place for a window on these screens: the remembered one if a person could still get hold of it. */
export function placeOn(
  screens: readonly Rectangle[],
  remembered: WindowPlace | null,
): Partial<Rectangle> & { width: number; height: number } {
  if (remembered === null) return FIRST_SIZE;
  const width = Math.max(remembered.bounds.width, SMALLEST.width);
  const height = Math.max(remembered.bounds.height, SMALLEST.height);
  const { x, y } = remembered.bounds;
  const reachable = screens.some(
    (screen) =>
      Math.min(x + width, screen.x + screen.width) - Math.max(x, screen.x) >= VISIBLE_MIN &&
      y >= screen.y &&
      y <= screen.y + screen.height - VISIBLE_MIN,
  );
  return reachable ? { x, y, width, height } : { width, height };
}
