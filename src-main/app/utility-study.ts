import { utilityProcess } from 'electron';
import type { StudyTask } from '../study-process/job.ts';
import type { StudyChild } from '../study-process/study-line.ts';

/** What the process of a study is called in the system's lists. */
const SERVICE_NAME = 'Tmem Console study';

/**
 * A study process of Electron. What it holds lies mostly outside the heap, so it measures itself; the heap has a limit too.
 * @param processFile the bundle of `study-process/process.ts` or `study-process/work-process.ts`
 */
export function utilityStudy<Task = StudyTask>(processFile: string, heapMiB: number): StudyChild<Task> {
  const child = utilityProcess.fork(processFile, [], {
    serviceName: SERVICE_NAME,
    stdio: 'inherit',
    execArgv: [`--max-old-space-size=${heapMiB}`],
  });
  return {
    get pid() {
      return child.pid;
    },
    send: (task) => child.postMessage(task),
    onMessage: (listener) => void child.on('message', listener),
    onEnd: (listener) => void child.on('exit', (code) => listener(`exit code ${code}`)),
    kill: () => void child.kill(),
  };
}
