import { Host } from '../host/host.ts';
import type { SampleBatch } from '../host/sample-batch.ts';
import { GUEST, GUEST_WIDTH, HOST, HOST_WIDTH } from '../host/sample-columns.ts';
import { applyCommand, applySetting, type NamedSetting, settingAt } from './changes.ts';
import type { Slices } from './slices.ts';
import { countsInSecond, type HostStart, stateOf } from './start-state.ts';
import type { AlternativeOutcome, StudyStart } from './study.ts';
import { Tally } from './tally.ts';

/** Host ms run at a time; a slice of the model between two looks at the clock. */
const STEP_MS = 100;
const US_PER_S = 1_000_000;

/**
 * Full run: the host itself, from the start with the changes applied, to the horizon. Assumes nothing and errs by nothing:
 * by determinism it is what would have happened. With no change it is what did happen. It alone knows what waiting, writing
 * and swapping come to, and measures them.
 */
export async function runFull(
  start: StudyStart,
  parts: HostStart,
  { name, setting }: NamedSetting,
  horizonMs: number,
  slices: Slices,
): Promise<AlternativeOutcome> {
  const { config } = start;
  const state = stateOf(start);
  const host = new Host({ ...config, costs: setting.costs });
  host.restore(state);
  const tally = new Tally(config.guests.length, parts.second);
  const stalledUs = new Float64Array(config.guests.length);
  addSecondUnderWay(tally, state, -1);
  applySetting(host, host.guestIds, settingAt(parts, config), setting);
  const endMs = parts.hostMs + horizonMs;
  const runTo = async (ms: number): Promise<void> => {
    while (host.hostMs < ms) {
      host.runTo(Math.min(ms, host.hostMs + STEP_MS));
      if (!slices.isDue()) continue;
      addSamples(tally, host.takeSamples(), stalledUs);
      await slices.turn((host.hostMs - parts.hostMs) / horizonMs);
    }
  };
  for (const command of setting.commands) {
    await runTo(command.hostMs);
    applyCommand(host, command);
  }
  await runTo(endMs);
  addSamples(tally, host.takeSamples(), stalledUs);
  addSecondUnderWay(tally, host.snapshot(), 1);
  if ((config.costs !== undefined || setting.isRefitted) && tally.endedSeconds > 0) {
    const us = tally.endedSeconds * US_PER_S;
    // Of whole host seconds: how long a wait that has begun will be is not the sample's yet.
    tally.waitingParts = stalledUs.map((stalled) => Math.min(1, stalled / us));
    tally.waitingErrors = new Float64Array(stalledUs.length);
  }
  return tally.outcome(name, 'full', config.guests, []);
}

/** Adds (sign 1) or takes off (sign −1) what happened so far in the host second that a snapshot was taken in. */
function addSecondUnderWay(tally: Tally, state: NonNullable<StudyStart['state']>, sign: 1 | -1): void {
  const guests = tally.accesses.length;
  const counts = countsInSecond(state, guests);
  for (let guest = 0; guest < guests; guest++) {
    addCounts(tally, guest, counts.guests, guest * GUEST_WIDTH, sign);
    tally.evictedBySelf[guest] += sign * counts.bySelf[guest];
    tally.evictedByOthers[guest] += sign * counts.byOthers[guest];
    tally.evictionsCaused[guest] += sign * counts.caused[guest];
  }
  tally.evictions += sign * counts.evictions;
}

function addSamples(tally: Tally, { seconds, host, guests }: SampleBatch, stalledUs: Float64Array): void {
  const count = tally.accesses.length;
  const ephemeral = new Float64Array(count);
  const ram = new Float64Array(count);
  for (let second = 0; second < seconds; second++) {
    for (let guest = 0; guest < count; guest++) {
      const row = (second * count + guest) * GUEST_WIDTH;
      addCounts(tally, guest, guests, row, 1);
      stalledUs[guest] += guests[row + GUEST.stallUs];
      tally.evictedBySelf[guest] += guests[row + GUEST.evictedBySelf];
      tally.evictedByOthers[guest] += guests[row + GUEST.evictedByOthers];
      tally.evictionsCaused[guest] += guests[row + GUEST.evictionsCaused];
      ephemeral[guest] = guests[row + GUEST.ephemeralPages];
      ram[guest] = guests[row + GUEST.ramPages];
    }
    tally.evictions += host[second * HOST_WIDTH + HOST.evictions];
    tally.endSecond(ephemeral, ram, host[second * HOST_WIDTH + HOST.fallowPages]);
  }
}

function addCounts(tally: Tally, guest: number, from: Float64Array, row: number, sign: 1 | -1): void {
  tally.accesses[guest] += sign * from[row + GUEST.accesses];
  tally.cacheHits[guest] += sign * from[row + GUEST.cacheHits];
  tally.precacheHits[guest] += sign * from[row + GUEST.precacheHits];
  tally.diskReads[guest] += sign * from[row + GUEST.diskReads];
}
