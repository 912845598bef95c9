import { existsSync } from 'node:fs';
import type { Recovery } from '#contract/backups.ts';
import { ConsoleError } from '#contract/errors.ts';
import type { Backups } from './backups.ts';

/** Most characters of a sentence that crosses the border. */
const SENTENCE_MAX = 2_000;

/** Finds out what can be done where there is no history to go on with. */
export class RecoveryLook {
  private readonly databaseFile: string;
  private readonly backups: Pick<Backups, 'list' | 'newestGood' | 'setAside'>;

  constructor(databaseFile: string, backups: Pick<Backups, 'list' | 'newestGood' | 'setAside'>) {
    this.databaseFile = databaseFile;
    this.backups = backups;
  }

  /**
   * Before the start: whether a history is gone that there are traces of. To begin a new one without a word would hide
   * what can be put back. Null where all is in order.
   */
  async missing(): Promise<Recovery | null> {
    if (existsSync(this.databaseFile)) return null;
    const { files } = this.backups.list();
    const [newest] = files;
    if (newest === undefined) return null;
    const setAside = files.find(({ kind }) => kind === 'set-aside')?.file ?? null;
    const found = await this.backups.newestGood();
    const traces = setAside === null ? 'there are backups of it' : `one was set aside as ${setAside}`;
    return {
      kind: 'missing',
      sentence: `There is no history at ${this.databaseFile}, but ${traces}.`.slice(0, SENTENCE_MAX),
      setAside,
      ...found,
    };
  }

  /** After a start that failed: sets the damaged file aside and looks for the newest good backup. */
  async damaged(failure: ConsoleError): Promise<Recovery> {
    const found = await this.backups.newestGood();
    let setAside: string | null = null;
    let sentence = failure.message;
    try {
      setAside = await this.backups.setAside();
    } catch (error) {
      // It stays where it is; a restoration sets it aside all the same.
      sentence = `${sentence} ${ConsoleError.failureOf(error).message}`;
    }
    return { kind: 'damaged', sentence: sentence.slice(0, SENTENCE_MAX), setAside, ...found };
  }
}
