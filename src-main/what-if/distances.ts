import type { HostConfig } from '../host/host-config.ts';
import type { CandidateTape } from './candidate-tape.ts';
import { isCapped, type NamedSetting, type Setting } from './changes.ts';
import { ShareReplay } from './share-replay.ts';
import type { Slices } from './slices.ts';
import type { HostStart } from './start-state.ts';
import type { AlternativeOutcome, Assumption } from './study.ts';

/** What {@link ShareReplay} takes for granted. Where something did not hold, its counts are not those of the host. */
export function distanceAssumptions(start: HostStart, setting: Setting): Assumption[] {
  return [
    {
      text: 'the policy takes a page from one guest, its oldest (max-over-share)',
      held: setting.policy === 'max-over-share',
    },
    { text: 'no guest is given a precache cap', held: !isCapped(setting) },
    { text: 'disks and CPU are those of the host', held: !setting.isRefitted },
    ...storeAssumptions(start),
  ];
}

/** What every engine but a full run takes for granted of the state it begins with. */
export function storeAssumptions({ store, guests, isOpenLoop }: HostStart): Assumption[] {
  return [
    {
      text: 'guests only read files, through plain LRU caches, and nothing that they wait for takes time',
      held: isOpenLoop,
    },
    { text: 'guests have no persistent pages', held: store.persistentPages === 0 },
    {
      text: 'no guest is frozen or capped',
      held: guests.every(
        ({ present }, place) => !present || (!store.isFrozen(place) && store.capOf(place) === Infinity),
      ),
    },
  ];
}

/** Distances engine: see {@link ShareReplay}. */
export async function runDistances(
  tape: CandidateTape,
  start: HostStart,
  config: HostConfig,
  { name, setting }: NamedSetting,
  slices: Slices,
): Promise<AlternativeOutcome> {
  const replay = new ShareReplay(tape, start, config, setting);
  await replay.run(slices);
  return replay.tally.outcome(name, 'distances', config.guests, distanceAssumptions(start, setting));
}
