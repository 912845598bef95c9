import type { CostProfile } from '../costs.ts';
import type { StateReader, StateWriter } from '../state.ts';
import { Disk } from './disk.ts';
import { Servers } from './servers.ts';
import type { StoredContents } from './stored-contents.ts';

const NS_PER_S = 1_000_000_000;

/** What the guests of a host share besides the store: its disks, its cores, and what is known of the pages stored. */
export class Machine {
  readonly costs: CostProfile;
  readonly disks: readonly Disk[];
  /** The CPU cores, as far as tmem's hypercalls, copies and compression compete for them. */
  readonly cores: Servers;
  /** Null where contents are not accounted for. */
  readonly contents: StoredContents | null;

  constructor(costs: CostProfile, contents: StoredContents | null) {
    this.costs = costs;
    this.disks = costs.disks.map((disk) => new Disk(disk));
    this.cores = new Servers(costs.cpu.cores);
    this.contents = contents;
  }

  /** Ends the host second. @returns ns that the disks' servers were busy in it, and requests that wait or are served */
  endSecond(): { readonly busyNs: number; readonly queued: number } {
    let busyNs = 0;
    let queued = 0;
    for (const disk of this.disks) {
      queued += disk.queueAt(NS_PER_S);
      busyNs += disk.endSecond();
    }
    this.cores.endSecond();
    return { busyNs, queued };
  }

  save(to: StateWriter): void {
    for (const disk of this.disks) disk.save(to);
    this.cores.save(to);
    this.contents?.save(to);
  }

  restore(from: StateReader): void {
    for (const disk of this.disks) disk.restore(from);
    this.cores.restore(from);
    this.contents?.restore(from);
  }
}
