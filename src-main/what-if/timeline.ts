import { type Cut, STEPS_PER_S } from './recording.ts';
import type { Slices } from './slices.ts';
import type { TimedCommand } from './study.ts';

/** The references of a recording, or a part of them, with what happens between them. */
export interface Timeline {
  readonly length: number;
  /** For each balloon step: the references before it. */
  readonly stepAt: Int32Array;
  readonly cuts: readonly Cut[];
  /** Balloon steps done in the host second under way at the start. */
  readonly firstStep: number;
}

/** Who is played a {@link Timeline}. */
export interface TimelinePlayer {
  /** References [from, to). */
  play(from: number, to: number): void;
  command(command: TimedCommand): void;
  /** @param done balloon steps done in the second before this one */
  balloonStep(done: number): void;
  endSecond(): void;
}

/** Plays a timeline in the order of the host: a step of the balloons, the end of a second, commands, references. */
export async function playTimeline(
  { length, stepAt, cuts, firstStep }: Timeline,
  player: TimelinePlayer,
  lookEvery: number,
  slices: Slices,
): Promise<void> {
  let from = 0;
  let cut = 0;
  let lookAt = lookEvery;
  const playTo = (to: number, step: number): void => {
    for (; cut < cuts.length && cuts[cut].step === step; cut++) {
      player.play(from, cuts[cut].at);
      from = cuts[cut].at;
      player.command(cuts[cut].command);
    }
    player.play(from, to);
    from = to;
  };
  for (let step = 0; step < stepAt.length; step++) {
    playTo(stepAt[step], step);
    const done = (firstStep + step) % STEPS_PER_S;
    player.balloonStep(done);
    if (done === STEPS_PER_S - 1) player.endSecond();
    if (from >= lookAt && slices.isDue()) {
      lookAt = from + lookEvery;
      await slices.turn(from / length);
    }
  }
  playTo(length, stepAt.length);
}
