/** After the start of the console, so that the first backup does not compete with it. */
const FIRST_MS = 20_000;

type ScheduleOptions = {
  /** Minutes between two backups; null: none is to be made. */
  everyMinutes: () => number | null;
  /** Wall time of the newest backup; null: there is none. */
  newestAtMs: () => number | null;
  make: () => Promise<void>;
  /** Wall time, ms since 1970. */
  now: () => number;
};

/**
 * Makes a backup whenever the newest one is older than the plan allows, as long as it is running. One that fails is told
 * by its maker and tried again when the next one is due.
 */
export class BackupSchedule {
  private readonly options: ScheduleOptions;
  private timer: NodeJS.Timeout | undefined;
  private running = false;
  private startedAtMs = 0;
  private triedAtMs: number | null = null;
  private dueAtMs: number | null = null;

  constructor(options: ScheduleOptions) {
    this.options = options;
  }

  /** Wall time of the next one; null: none is planned. */
  get nextAtMs(): number | null {
    return this.dueAtMs;
  }

  start(): void {
    this.running = true;
    this.startedAtMs = this.options.now();
    this.plan();
  }

  stop(): void {
    this.running = false;
    this.plan();
  }

  /** Looks again when the next one is due: the plan has changed, or one was made. */
  plan(): void {
    clearTimeout(this.timer);
    this.dueAtMs = this.due();
    if (this.dueAtMs === null) return;
    this.timer = setTimeout(() => void this.fire(), Math.max(0, this.dueAtMs - this.options.now()));
    // A backup that is due some time keeps no process alive.
    this.timer.unref();
  }

  private due(): number | null {
    const everyMinutes = this.options.everyMinutes();
    if (!this.running || everyMinutes === null) return null;
    const now = this.options.now();
    const everyMs = everyMinutes * 60_000;
    const last = Math.max(this.options.newestAtMs() ?? 0, this.triedAtMs ?? 0);
    // A time that is still to come is of a clock that was set back since.
    const dueAtMs = last > now ? now + everyMs : last + everyMs;
    return Math.max(dueAtMs, this.startedAtMs + FIRST_MS);
  }

  private async fire(): Promise<void> {
    this.triedAtMs = this.options.now();
    await this.options.make();
    this.plan();
  }
}
