import { resolve } from 'node:path';
import { ESLint } from 'eslint';
import { beforeAll, describe, expect, it } from 'vitest';

const ROOT = resolve(import.meta.dirname, '..', '..');
/** Files that do not exist: their text is what the test gives. */
const IN_HOST = 'src-main/host/invented.ts';
const IN_HISTORY = 'src-main/history/invented.ts';

let eslint: ESLint;
beforeAll(() => {
  eslint = new ESLint({
    cwd: ROOT,
    overrideConfig: {
      languageOptions: { parserOptions: { projectService: { allowDefaultProject: [IN_HOST, IN_HISTORY] } } },
    },
  });
});

/** What the rules of determinism say of a text; a text that cannot be read at all is a mistake of the test. */
async function refusals(text: string, filePath: string): Promise<string[]> {
  const [result] = await eslint.lintText(text, { filePath: resolve(ROOT, filePath) });
  const messages = result?.messages ?? [];
  expect(messages.filter(({ fatal }) => fatal === true)).toEqual([]);
  return messages.filter(({ ruleId }) => ruleId?.startsWith('no-restricted-') === true).map(({ message }) => message);
}

describe('what host/ may compute with', () => {
  it.each([
    'export const now = Date.now();',
    'export const now = new Date();',
    'export const now = globalThis.Date.now();',
    'export const now = performance.now();',
    'export const seed = process.pid;',
    'export const x = Math.random();',
    'export const x = Math.sin(1);',
    "export const x = Math['cos'](1);",
    'export const { exp } = Math;',
    'export const x = Math.pow(2, 3);',
    'export const x = 2 ** 3;',
    'export const x = 1n;',
  ])('refuses %s and says what to do instead', async (text) => {
    const messages = await refusals(`${text}\n`, IN_HOST);
    expect(messages.length).toBeGreaterThan(0);
    expect(messages.join()).toMatch(/same bytes on every machine: .* Make a table once|Use two u32 words/);
  });

  it('allows integers, the four operations and the square root', async () => {
    const text = 'export const x = Math.sqrt(2) + Math.imul(3, 4) * Math.floor(5 / 6) - (7 >>> 1);\n';
    expect(await refusals(text, IN_HOST)).toEqual([]);
  });

  it('is a rule of host/ only', async () => {
    expect(await refusals('export const now = Date.now() + Math.random();\n', IN_HISTORY)).toEqual([]);
  });
});
