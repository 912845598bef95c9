import * as v from 'valibot';
import { AckSchema, FRAMES_IN_FLIGHT } from '#contract/stream.ts';

/**
 * Back-pressure of one live stream: lets a frame pass only while fewer than {@link FRAMES_IN_FLIGHT} are unanswered. What
 * does not pass is skipped, not kept: its rows are in the history, and the next frame's `firstSecond` shows the gap.
 */
export class FrameGate {
  private readonly unanswered = new Set<number>();

  /** Whether this frame may be sent now; if so it counts as unanswered. */
  admit(sequence: number): boolean {
    if (this.unanswered.size >= FRAMES_IN_FLIGHT) return false;
    this.unanswered.add(sequence);
    return true;
  }

  /** Takes a message of the window; anything but the answer to an unanswered frame changes nothing. */
  take(message: unknown): void {
    const ack = v.safeParse(AckSchema, message);
    if (ack.success) this.unanswered.delete(ack.output.sequence);
  }
}
