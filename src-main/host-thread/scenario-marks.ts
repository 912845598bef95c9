import type { EventMark } from '../scenario/event-marks.ts';

/**
 * Which events of the scenario have happened and are not marked in the history yet. They are part of the model and happen
 * again whenever a stretch is computed again after a restart; their marks are in the history once.
 */
export class ScenarioMarks {
  private readonly waiting: EventMark[];

  /** @param marks in order of time @param markedMs host times of those that the history has already */
  constructor(marks: readonly EventMark[], markedMs: readonly number[]) {
    const marked = new Set(markedMs);
    this.waiting = marks.filter(({ hostMs }) => !marked.has(hostMs));
  }

  /** The next mark whose time has come; null: there is none. */
  due(hostMs: number): EventMark | null {
    const [next] = this.waiting;
    return next !== undefined && next.hostMs <= hostMs ? next : null;
  }

  /** The mark that was due is in the history. */
  done(): void {
    this.waiting.shift();
  }
}
