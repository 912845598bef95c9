import { resolve } from 'node:path';
import vue from '@vitejs/plugin-vue';
import { defineConfig } from 'electron-vite';

const root = import.meta.dirname;

/**
 * Main, the worker threads, the study process, the command line and the preload are CommonJS for Node 20 (Electron 33 still runs them);
 * better-sqlite3 and electron stay external. The renderer is built for Chromium 130.
 */
export default defineConfig({
  main: {
    build: {
      target: 'node20',
      outDir: 'out/main',
      externalizeDeps: { include: ['better-sqlite3'] },
      rolldownOptions: {
        input: {
          main: resolve(root, 'src-main/app/main.ts'),
          'host-thread': resolve(root, 'src-main/host-thread/thread.ts'),
          'history-reader': resolve(root, 'src-main/history/reader-thread.ts'),
          report: resolve(root, 'src-main/report/report-thread.ts'),
          backup: resolve(root, 'src-main/app/backups/backup-thread.ts'),
          'study-process': resolve(root, 'src-main/study-process/process.ts'),
          'work-process': resolve(root, 'src-main/study-process/work-process.ts'),
          cli: resolve(root, 'src-main/cli/main.ts'),
        },
        external: ['electron', 'better-sqlite3'],
        output: { format: 'cjs', entryFileNames: '[name].cjs', chunkFileNames: 'chunks/[name]-[hash].cjs' },
      },
    },
  },
  preload: {
    build: {
      target: 'node20',
      outDir: 'out/preload',
      rolldownOptions: {
        input: { preload: resolve(root, 'src-preload/preload.ts') },
        external: ['electron'],
        output: { format: 'cjs', entryFileNames: '[name].cjs' },
      },
    },
  },
  renderer: {
    root: resolve(root, 'src-renderer'),
    plugins: [vue()],
    build: {
      target: 'chrome130',
      minify: true,
      // The content-security policy forbids data: fonts.
      assetsInlineLimit: 0,
      outDir: resolve(root, 'out/renderer'),
      rolldownOptions: { input: resolve(root, 'src-renderer/index.html') },
    },
  },
});
