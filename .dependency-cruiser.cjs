/**
 * The arrows between the rooms. A room may import itself, what its line allows, and the packages named there.
 * Each rule's comment says what to do instead.
 */
const rooms = {
  'src-preload/contract': {
    may: [],
    packages: ['valibot'],
    instead:
      'The contract knows only the schema library. Move what you need into the contract, or turn the arrow round.',
  },
  'src-main/host': {
    may: [],
    packages: [],
    instead: 'The host model is pure. Pass in what it needs as an argument, or let the host thread do it.',
  },
  'src-main/trace': {
    may: ['src-main/host'],
    packages: ['node', 'fzstd', 'valibot'],
    instead: 'Readers know formats and host types. Let the caller connect them to anything else.',
  },
  'src-main/what-if': {
    may: ['src-main/host', 'src-main/trace'],
    packages: ['node'],
    instead: 'Studies know the host model and traces. Let the command line or the study process bring them the rest.',
  },
  'src-main/study-process': {
    may: [
      'src-preload/contract',
      'src-main/host',
      'src-main/trace',
      'src-main/what-if',
      'src-main/history',
      'src-main/scenario',
    ],
    packages: ['node', 'valibot'],
    instead: 'A study runs alone, without host thread and window. Pass it what it needs in its order.',
  },
  'src-main/history': {
    may: ['src-preload/contract', 'src-main/host'],
    packages: ['node', 'better-sqlite3', 'valibot'],
    instead: 'History knows the contract and host types. Let the host thread or the app bring data to it.',
  },
  'src-main/report': {
    may: ['src-preload/contract', 'src-main/history'],
    packages: ['node', 'better-sqlite3', 'valibot'],
    instead: 'Reports are made of the history alone, by whoever asks for one. Read what you need out of the history.',
  },
  'src-main/scenario': {
    may: ['src-preload/contract', 'src-main/host', 'src-main/trace'],
    packages: ['node', 'valibot'],
    instead: 'A scenario is a file and the host it describes. Let whoever runs it bring the history or the window.',
  },
  'src-main/host-thread': {
    may: ['src-preload/contract', 'src-main/host', 'src-main/trace', 'src-main/history', 'src-main/scenario'],
    packages: ['node', 'valibot'],
    instead: 'The host thread runs without Electron. What needs a window belongs in src-main/app.',
  },
  'src-main/cli': {
    may: [
      'src-preload/contract',
      'src-main/host',
      'src-main/trace',
      'src-main/what-if',
      'src-main/history',
      'src-main/report',
      'src-main/scenario',
      'src-main/host-thread',
      'src-main/study-process',
    ],
    packages: ['node', 'commander', 'valibot'],
    instead: 'The command line runs under plain Node: no Electron, no window.',
  },
  'src-main/app': {
    may: [
      'src-preload/contract',
      'src-main/host',
      'src-main/trace',
      'src-main/what-if',
      'src-main/history',
      'src-main/report',
      'src-main/scenario',
      'src-main/host-thread',
      'src-main/study-process',
    ],
    packages: ['node', 'electron', 'valibot'],
    instead: 'The app opens windows and answers the contract. It never imports the renderer or the command line.',
  },
  'src-preload/preload.ts': {
    may: ['src-preload/contract'],
    packages: ['electron', 'valibot'],
    instead: 'The preload exposes the contract and nothing else.',
  },
  'src-renderer': {
    may: ['src-preload/contract'],
    packages: [
      'vue',
      'pinia',
      'vue-router',
      'chart.js',
      'chartjs-plugin-annotation',
      'reka-ui',
      '@lucide',
      '@vueuse',
      '@tanstack',
      '@fontsource-variable',
      'valibot',
    ],
    instead: 'The renderer sees only the contract. Ask the main process by a request of src-preload/contract.',
  },
};
const escape = (path) => path.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    ...Object.entries(rooms).map(([room, { may, packages, instead }]) => ({
      name: `arrows-of-${room.replaceAll('/', '-')}`,
      severity: 'error',
      comment: instead,
      from: { path: `^${escape(room)}(/|$)` },
      to: {
        pathNot: [
          ...[room, ...may].map((allowed) => `^${escape(allowed)}(/|$)`),
          ...packages.filter((name) => name !== 'node').map((name) => `node_modules/(@types/)?${escape(name)}(/|$)`),
        ],
        dependencyTypesNot: packages.includes('node') ? ['core'] : [],
      },
    })),
    {
      name: 'only-app-and-preload-know-electron',
      severity: 'error',
      comment:
        'Only src-main/app and src-preload/preload.ts may import electron. Everything else runs under plain Node too.',
      from: { pathNot: '^(src-main/app/|src-preload/preload\\.ts$|test/e2e/|scripts/)' },
      to: { path: '(^|node_modules/)electron(/|$)' },
    },
    {
      name: 'no-circles',
      severity: 'error',
      comment: 'Two files that import each other are one concept: join them, or move the shared part out.',
      from: {},
      to: { circular: true },
    },
    {
      name: 'resolvable',
      severity: 'error',
      comment: 'This import leads nowhere.',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(out|dist)/|^test/lint/forbidden/' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
      extensions: ['.ts', '.vue', '.js', '.cjs', '.mjs', '.json', '.d.ts'],
    },
  },
};
