/** Lets so many pieces of work go on at once; others wait their turn in order. */
export class Turns {
  private readonly atOnce: number;
  private running = 0;
  private readonly waiting: (() => void)[] = [];

  constructor(atOnce: number) {
    this.atOnce = atOnce;
  }

  /** Whether somebody who came now would have to wait. */
  get isFull(): boolean {
    return this.running >= this.atOnce;
  }

  /** Resolves when it is its turn, and holds it until {@link done}. @throws what `cancelled` makes, when the signal aborts first */
  async take(signal: AbortSignal | undefined, cancelled: () => Error): Promise<void> {
    while (this.running >= this.atOnce) {
      await new Promise<void>((resolve, reject) => {
        const onAbort = (): void => {
          const place = this.waiting.indexOf(go);
          if (place >= 0) this.waiting.splice(place, 1);
          reject(cancelled());
        };
        const go = (): void => {
          signal?.removeEventListener('abort', onAbort);
          resolve();
        };
        this.waiting.push(go);
        signal?.addEventListener('abort', onAbort, { once: true });
      });
    }
    this.running++;
  }

  /** Gives the turn to the next. */
  done(): void {
    this.running--;
    this.waiting.shift()?.();
  }
}
