import type { Backend } from './backend.ts';
import type { Backups } from './backups/backups.ts';
import type { Handlers } from './requests.ts';
import type { ScenarioDesk } from './scenarios/scenario-desk.ts';
import type { SettingsDesk } from './settings-desk.ts';
import type { StudyDesk } from './studies.ts';

/** Who answers what. */
export type Answerers = {
  backend: Backend;
  backups: Backups;
  settings: SettingsDesk;
  studies: StudyDesk;
  scenarios: ScenarioDesk;
};

/** What each request does. The host is another one after a restoration, so it is asked for each time. */
export function createHandlers({ backend, backups, settings, studies, scenarios }: Answerers): Handlers {
  const { reports } = backend;
  return {
    'host.describe': () => backend.describe(),
    'host.setPaused': ({ paused }) => backend.host.setPaused(paused),
    'host.setSpeed': ({ speed }) => backend.host.setSpeed(speed),
    'host.applyChanges': (set) => backend.host.applyChanges(set),
    'host.restart': async () => {
      await backend.restart();
      return {};
    },
    'history.runs': (argument) => backend.history('history.runs', argument),
    'history.series': (argument) => backend.history('history.series', argument),
    'history.evictions': (argument) => backend.history('history.evictions', argument),
    'history.evictionSamples': (argument) => backend.history('history.evictionSamples', argument),
    'history.pools': (argument) => backend.history('history.pools', argument),
    'history.evictionSummary': (argument) => backend.history('history.evictionSummary', argument),
    'history.check': (argument) => backend.history('history.check', argument),
    'history.events': (argument) => backend.history('history.events', argument),
    'history.audit': (argument) => backend.history('history.audit', argument),
    'history.restorations': (argument) => backend.history('history.restorations', argument),
    'history.verifyAudit': (argument) => backend.history('history.verifyAudit', argument),
    'history.studies': (argument) => backend.history('history.studies', argument),
    'history.study': (argument) => backend.history('history.study', argument),
    'history.forecastOutcome': (argument) => backend.history('history.forecastOutcome', argument),
    'report.preview': (subject) => reports.preview(subject),
    'report.save': ({ format, ...subject }) => reports.save(subject, format),
    'report.cancel': () => {
      reports.cancel();
      return {};
    },
    'report.progress': () => reports.progress(),
    'backups.list': () => backups.list(),
    'backups.make': () => backups.make(),
    'backups.check': (choice) => backups.check(choice),
    'backups.consequences': (choice) => backups.consequences(choice),
    'backups.restore': (choice) => backups.restore(choice, (work) => backend.whileStopped(work)),
    'recovery.state': () => ({ recovery: backend.recovery }),
    'recovery.beginNew': async () => {
      await backend.beginNew();
      return {};
    },
    'settings.get': () => settings.get(),
    'settings.save': ({ settings: wanted }) => settings.save(wanted),
    'settings.chooseFolder': () => settings.chooseFolder(),
    'study.prepare': (argument) => {
      studies.prepare(argument);
      return {};
    },
    'study.start': (argument) => studies.start(argument),
    'study.watch': (argument) => studies.watch(argument),
    'study.outcome': (argument) => studies.outcome(argument),
    'study.cancel': (argument) => {
      studies.cancel(argument);
      return {};
    },
    'study.heatMap': (argument) => studies.heatMap(argument),
    'study.save': (argument) => studies.save(argument),
    'study.markApplied': async (argument) => {
      await studies.markApplied(argument);
      return {};
    },
    'study.delete': async (argument) => {
      await studies.delete(argument);
      return {};
    },
    'study.export': (argument) => studies.export(argument),
    'scenarios.list': () => scenarios.list(),
    'scenarios.add': () => scenarios.add(),
    'scenarios.open': (argument) => scenarios.open(argument),
    'scenarios.try': (argument) => scenarios.try(argument),
    'scenarios.check': (argument) => scenarios.check(argument),
    'scenarios.remove': (argument) => scenarios.remove(argument),
    'scenarios.putBack': (argument) => scenarios.putBack(argument),
    'traces.remove': (argument) => scenarios.removeTrace(argument),
    'traces.putBack': (argument) => scenarios.putTraceBack(argument),
    'traces.list': () => scenarios.traces(),
    'traces.import': (argument) => scenarios.importTrace(argument),
    'work.watch': (argument) => scenarios.work.watch(argument),
    'work.outcome': (argument) => scenarios.work.outcome(argument),
    'work.cancel': (argument) => scenarios.work.cancel(argument),
  };
}
