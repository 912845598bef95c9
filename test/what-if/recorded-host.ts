import { HistoryWriter } from '#main/history/writer.ts';
import { configDigestOf } from '#main/history/checkpoint-state.ts';
import { Host } from '#main/host/host.ts';
import type { HostConfig } from '#main/host/host-config.ts';
import { takeCheckpoint } from '#main/host-thread/checkpoint.ts';
import { applyCommand } from '#main/what-if/changes.ts';
import { isGradual, type TimedCommand } from '#main/what-if/study.ts';

export interface RecordedRun {
  readonly seconds: number;
  readonly commands: readonly TimedCommand[];
  /** Host ms at which there is a checkpoint. */
  readonly checkpointsMs: readonly number[];
}

/** Records a run of a host as the host thread does: commands committed before they are applied, samples, checkpoints. */
export async function recordRun(
  databaseFile: string,
  config: HostConfig,
  { seconds, commands, checkpointsMs }: RecordedRun,
): Promise<Host> {
  const history = HistoryWriter.open({ file: databaseFile, appVersion: 'test' });
  history.beginRun({
    source: { kind: 'modelled', scenario: 'three real traces', seed: config.seed },
    guests: config.guests.map(({ id, name, minPages, maxPages }) => ({ id, name, minPages, maxPages, workload: '' })),
    totalPages: config.totalPages,
    reservedPages: config.reservedPages,
    policy: config.policy,
    idleTaxPermille: config.idleTaxPermille,
    idleTaxWindowS: config.idleTaxWindowS,
    seed: config.seed,
    wallMs: 1_700_000_000_000,
  });
  const host = new Host(config);
  const digest = configDigestOf(config);
  const flush = (): void => {
    const batch = host.takeSamples();
    if (batch.seconds > 0) history.writeSeconds({ ...batch, guestIds: host.guestIds, wallMs: 1_700_000_000_000 });
  };
  const marks = [...new Set([...commands.map(({ hostMs }) => hostMs), ...checkpointsMs])].sort((a, b) => a - b);
  for (const ms of marks) {
    host.runTo(ms);
    const due = commands.filter(({ hostMs }) => hostMs === ms);
    if (due.length > 0) {
      const actions = history.commitActions(
        due.map(({ change }) => {
          if (!isGradual(change)) throw new Error(`A change of ${change.kind} is not recorded here.`);
          const { kind, guestId } = change;
          const after = change.kind === 'weight' ? change.value : change.pages;
          return { hostMs: ms, kind, guestId, before: 0, after, source: 'console' as const };
        }),
        1_700_000_000_000,
      );
      for (const command of due) applyCommand(host, command);
      history.markApplied(actions.map(({ id }) => id));
    }
    if (checkpointsMs.includes(ms)) {
      flush();
      history.writeCheckpoint(await takeCheckpoint(host, digest, history.lastActionId()), 1_700_000_000_000);
    }
  }
  host.runTo(seconds * 1000);
  flush();
  history.endRun();
  history.close();
  return host;
}
