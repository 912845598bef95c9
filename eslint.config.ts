import prettier from 'eslint-config-prettier';
import vue from 'eslint-plugin-vue';
import accessibility from 'eslint-plugin-vuejs-accessibility';
import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';
import vueParser from 'vue-eslint-parser';

const determinism =
  'host/ must give the same bytes on every machine: integers and + - * / sqrt only. Make a table once, outside host/, and pass it in.';
const inexactMath = [
  'acos', 'acosh', 'asin', 'asinh', 'atan', 'atan2', 'atanh', 'cbrt', 'cos', 'cosh', 'exp', 'expm1', 'hypot', 'log',
  'log10', 'log1p', 'log2', 'pow', 'random', 'sin', 'sinh', 'tan', 'tanh',
]; // prettier-ignore

export default defineConfig(
  globalIgnores(['out/', 'dist/', 'node_modules/', 'test/lint/forbidden/', '.dependency-cruiser.cjs', 'resources/']),
  {
    files: ['**/*.{ts,vue}'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname, extraFileExtensions: ['.vue'] },
    },
    rules: {
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/consistent-type-definitions': 'off',
      '@typescript-eslint/prefer-for-of': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      'no-console': 'error',
      eqeqeq: 'error',
    },
  },
  {
    files: ['src-main/host/**/*.ts'],
    rules: {
      'no-restricted-globals': [
        'error',
        ...['Date', 'globalThis', 'performance', 'process'].map((name) => ({ name, message: determinism })),
      ],
      'no-restricted-properties': [
        'error',
        ...inexactMath.map((property) => ({ object: 'Math', property, message: determinism })),
      ],
      'no-restricted-syntax': [
        'error',
        { selector: "BinaryExpression[operator='**']", message: determinism },
        {
          selector: 'Literal[bigint]',
          message: 'No BigInt in host/: it is 10 to 100 times slower. Use two u32 words.',
        },
      ],
    },
  },
  {
    files: ['src-renderer/**/*.vue'],
    extends: [vue.configs['flat/recommended'], accessibility.configs['flat/recommended']],
    languageOptions: {
      parser: vueParser,
      parserOptions: {
        parser: tseslint.parser,
        projectService: true,
        tsconfigRootDir: import.meta.dirname,
        extraFileExtensions: ['.vue'],
      },
    },
    rules: {
      'vue/multi-word-component-names': 'off',
      'vuejs-accessibility/label-has-for': ['error', { required: { some: ['nesting', 'id'] } }],
    },
  },
  { files: ['src-main/cli/**', 'scripts/**', 'test/bench/**'], rules: { 'no-console': 'off' } },
  prettier,
);
