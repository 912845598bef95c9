import * as v from 'valibot';
import type { Appearance } from '#contract/settings.ts';
import { AppearanceSchema, DEFAULT_SETTINGS } from '#contract/settings.ts';
import { memoryUnit } from './format.ts';

/** Event of the window: the look has changed by choice, not by the system. */
export const APPEARANCE_CHANGED = 'tmem:appearance';

const PLACE = 'tmem-console.appearance';
/** True and false as a condition of a media query. */
const ALWAYS = '(min-width: 0px)';
const NEVER = '(max-width: 0px)';
/** The condition of each rule as its style sheet has it. */
const written = new WeakMap<CSSMediaRule, string>();

/**
 * Puts a chosen look into force. Light and dark are the main process's: they hold for the window's frame too. For contrast
 * and motion the style sheets ask the system by media queries; a choice answers in its place, so that there is one set of
 * rules for both.
 */
export function applyAppearance(appearance: Appearance): void {
  const { contrast, motion } = appearance;
  const answers: readonly (readonly [string, boolean | null])[] = [
    ['(prefers-contrast: more)', contrast === 'system' ? null : contrast === 'more'],
    ['(prefers-reduced-motion: reduce)', motion === 'system' ? null : motion === 'reduced'],
  ];
  for (const sheet of document.styleSheets) {
    for (const rule of sheet.cssRules) {
      if (rule instanceof CSSMediaRule) answer(rule, answers);
    }
  }
  memoryUnit.value = appearance.memoryUnit;
  try {
    localStorage.setItem(PLACE, JSON.stringify(appearance));
  } catch {
    // Without storage the look comes a moment later, from the settings.
  }
  window.dispatchEvent(new Event(APPEARANCE_CHANGED));
}

function answer(rule: CSSMediaRule, answers: readonly (readonly [string, boolean | null])[]): void {
  const original = written.get(rule) ?? rule.media.mediaText;
  written.set(rule, original);
  let text = original;
  for (const [feature, holds] of answers) {
    if (holds !== null) text = text.replaceAll(feature, holds ? ALWAYS : NEVER);
  }
  if (rule.media.mediaText !== text) rule.media.mediaText = text;
}

/** The look of the last time, for the first picture: the settings are asked for after it. */
export function rememberedAppearance(): Appearance {
  try {
    const read = v.safeParse(AppearanceSchema, JSON.parse(localStorage.getItem(PLACE) ?? 'null'));
    if (read.success) return read.output;
  } catch {
    // Damaged or forbidden storage is the same as none.
  }
  return DEFAULT_SETTINGS.appearance;
}
