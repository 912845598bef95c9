import { fork } from 'node:child_process';
import type { StudyTask } from './job.ts';
import type { StudyChild } from './study-line.ts';

/** A study process under plain Node. @param processFile the entry, `process.ts` or its bundle */
export function forkStudy<Task extends object = StudyTask>(processFile: string | URL): StudyChild<Task> {
  const child = fork(processFile, [], { serialization: 'advanced', stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  return {
    pid: child.pid,
    send: (task) => void child.send(task),
    onMessage: (listener) => void child.on('message', listener),
    onEnd: (listener) => {
      child.on('error', (error) => listener(error.message));
      child.on('exit', (code, signal) =>
        listener(signal === null ? `exit code ${code ?? 'none'}` : `signal ${signal}`),
      );
    },
    kill: () => void child.kill('SIGKILL'),
  };
}
