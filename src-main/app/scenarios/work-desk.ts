import type { Verdict } from '#contract/claims.ts';
import type { RequestAnswer, RequestArgument } from '#contract/requests.ts';
import type { TraceEntry, Trial, WorkStanding } from '#contract/scenarios.ts';
import type { WorkWatch } from '../../study-process/works.ts';
import { FollowedWork } from '../followed-work.ts';

/** What comes of a piece of work. */
export type WorkOutcome = { readonly trial: Trial; readonly verdict: Verdict | null } | { readonly trace: TraceEntry };

/** The trials and imports of the window: started, watched, cancelled. One that fails harms nothing but its own entry. */
export class WorkDesk {
  private readonly list = new FollowedWork<WorkStanding, { outcome: WorkOutcome | null }>({
    many: 'trials and imports',
    one: 'work',
  });

  /**
   * Starts a piece of work. It answers at once; what comes of it is told by {@link watch}.
   * @throws ConsoleError `bad-study` where too many wait already
   */
  start(work: (watch: WorkWatch) => Promise<WorkOutcome>): { id: number } {
    return this.list.start({}, { outcome: null }, async ({ known }, watch) => {
      known.outcome = await work(watch);
    });
  }

  /** How a piece of work stands, once that is another version than the one seen, or after a while. */
  watch(argument: RequestArgument<'work.watch'>): Promise<WorkStanding> {
    return this.list.watch(argument);
  }

  outcome({ id }: RequestArgument<'work.outcome'>): RequestAnswer<'work.outcome'> {
    return { trial: null, verdict: null, trace: null, ...this.list.find(id).known.outcome };
  }

  cancel({ id }: RequestArgument<'work.cancel'>): Record<string, never> {
    this.list.cancel(id);
    return {};
  }

  /** Ends everything. */
  stop(): void {
    this.list.stop();
  }
}
