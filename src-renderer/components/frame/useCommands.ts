import { computed } from 'vue';
import { useRouter } from 'vue-router';
import { PAGES } from '../../router.ts';
import { useBackups } from '../../stores/backups.ts';
import { useHost } from '../../stores/host.ts';
import { plural } from '../../format.ts';
import { TIME_WINDOWS, usePreferences } from '../../stores/preferences.ts';
import { SPEED_OPTIONS } from '../../stores/speeds.ts';
import { useStaged } from '../../stores/staged.ts';
import { useStudies } from '../../stores/studies.ts';
import { windowPhrase } from '../../stores/time-windows.ts';
import { useDialogs } from './useDialogs.ts';

/** Something the palette can do. */
export interface Command {
  readonly id: string;
  readonly group: 'Go to' | 'Host' | 'Change' | 'View' | 'Help';
  readonly label: string;
  /** What it changes now, or its shortcut. */
  readonly hint: string;
  readonly run: () => void;
}

/** All commands there are now. Commands that change a guest lead to its cell: they are applied there, never blindly. */
export function useCommands() {
  const router = useRouter();
  const host = useHost();
  const preferences = usePreferences();
  const dialogs = useDialogs();
  const backups = useBackups();
  const tray = useStaged();
  const studies = useStudies();

  return computed<Command[]>(() => [
    ...PAGES.map(({ name, title, path, key }) => ({
      id: `go ${name}`,
      group: 'Go to' as const,
      label: title,
      hint: `G ${key.toUpperCase()}`,
      run: () => void router.push(path),
    })),
    ...(host.clock === null
      ? []
      : [
          {
            id: 'pause',
            group: 'Host' as const,
            label: host.paused ? 'Run the host' : 'Pause the host',
            hint: 'P',
            run: () => void host.setPaused(!host.paused),
          },
          ...SPEED_OPTIONS.map(({ value, label, title }, place) => ({
            id: `speed ${value}`,
            group: 'Host' as const,
            label: `Speed ${label}: ${title.replace(/ \(\d\)$/, '').toLowerCase()}`,
            hint: value === host.clock?.speed ? 'now' : String(place + 1),
            run: () => void host.setSpeed(value),
          })),
        ]),
    ...host.guests.flatMap(({ name }) => [
      {
        id: `weight ${name}`,
        group: 'Change' as const,
        label: `Set weight of ${name}…`,
        hint: '',
        run: () => void router.push({ path: '/guests', query: { edit: `weight-${name}` } }),
      },
      {
        id: `target ${name}`,
        group: 'Change' as const,
        label: `Set balloon target of ${name}…`,
        hint: '',
        run: () => void router.push({ path: '/guests', query: { edit: `target-${name}` } }),
      },
    ]),
    ...trayCommands(tray),
    ...studyCommands(studies, (wanted) => void router.push({ path: '/what-if', query: { do: wanted } })),
    ...TIME_WINDOWS.map((window) => ({
      id: `window ${window}`,
      group: 'View' as const,
      label: `Overview of ${window === 'all' ? windowPhrase(window) : `the last ${windowPhrase(window)}`}`,
      hint: window === preferences.preferences.timeWindow ? 'now' : '',
      run: () => {
        preferences.preferences.timeWindow = window;
        void router.push('/overview');
      },
    })),
    {
      id: 'backup',
      group: 'Host' as const,
      label: 'Back up the history now',
      hint: '',
      run: () => {
        void router.push('/settings');
        void backups.make();
      },
    },
    {
      id: 'shortcuts',
      group: 'Help' as const,
      label: 'Keyboard shortcuts',
      hint: '?',
      run: () => {
        dialogs.sheet.value = true;
      },
    },
  ]);
}

/** What can be done with the study that is being made, or is under way. */
function studyCommands(studies: ReturnType<typeof useStudies>, ask: (wanted: 'run' | 'tune') => void): Command[] {
  const command = (id: string, label: string, run: () => void): Command => ({
    ...{ id, group: 'Host', label, hint: '' },
    run,
  });
  if (studies.run.isUnderWay.value) {
    return [command('study cancel', 'Cancel the what-if study', () => void studies.run.cancel())];
  }
  return [
    command('study run', 'Run the what-if study', () => ask('run')),
    command('study tune', 'Look for the best weights (tune)…', () => ask('tune')),
  ];
}

/** What can be done with the tray now: nothing is offered that would do nothing. */
function trayCommands(tray: ReturnType<typeof useStaged>): Command[] {
  const staged = plural(tray.list.length, 'staged change');
  const command = (id: string, label: string, hint: string, run: () => void): Command[] => [
    { id, group: 'Change', label, hint, run },
  ];
  return [
    ...(tray.list.length === 0
      ? []
      : [
          ...command('review', `Review ${staged}`, '', () => {
            tray.isOpen = true;
          }),
          ...command(
            'apply',
            `Apply ${staged}${tray.acts.length > 0 ? '…' : ''}`,
            'Ctrl Enter',
            () => void tray.apply(),
          ),
        ]),
    ...(tray.undoable.length === 0
      ? []
      : command('undo', 'Undo the last applied changes', 'Ctrl Z', () => void tray.undo())),
    ...(tray.redoable.length === 0
      ? []
      : command('redo', 'Redo the changes undone last', 'Ctrl Shift Z', () => void tray.redo())),
  ];
}

/** The commands that hold every word typed, those whose label begins with it first. */
export function matching(commands: readonly Command[], typed: string): Command[] {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  const found = commands.filter((command) => {
    const text = `${command.group} ${command.label}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
  const first = words[0];
  if (first === undefined) return found;
  const rank = (command: Command): number => (command.label.toLowerCase().startsWith(first) ? 0 : 1);
  return found.sort((a, b) => rank(a) - rank(b));
}
