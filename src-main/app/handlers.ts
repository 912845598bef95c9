import type { Backend } from './backend.ts';
import type { Handlers } from './requests.ts';

/** What each request does. */
export function createHandlers(backend: Backend): Handlers {
  const { host, reports } = backend;
  return {
    'host.describe': () => host.describe(),
    'host.setPaused': ({ paused }) => host.setPaused(paused),
    'host.setSpeed': ({ speed }) => host.setSpeed(speed),
    'host.applyChanges': ({ changes }) => host.applyChanges(changes),
    'history.runs': (argument) => backend.history('history.runs', argument),
    'history.series': (argument) => backend.history('history.series', argument),
    'history.evictions': (argument) => backend.history('history.evictions', argument),
    'history.evictionSummary': (argument) => backend.history('history.evictionSummary', argument),
    'history.events': (argument) => backend.history('history.events', argument),
    'history.audit': (argument) => backend.history('history.audit', argument),
    'history.verifyAudit': (argument) => backend.history('history.verifyAudit', argument),
    'report.preview': (subject) => reports.preview(subject),
    'report.save': ({ format, ...subject }) => reports.save(subject, format),
    'report.progress': () => reports.progress(),
  };
}
