import type { StudyOrder } from '#contract/studies.ts';
import type { GuestConfig, HostConfig } from '../host/host-config.ts';

/** A host config whose traces are still files. */
export type JobConfig = Omit<HostConfig, 'guests'> & {
  readonly guests: readonly (Omit<GuestConfig, 'trace'> & { readonly traceFile: string })[];
};

/** All that a study process is told: it reads the traces itself, from the folder of decoded ones. */
export interface StudyJob {
  readonly order: StudyOrder;
  readonly config: JobConfig;
  readonly cacheFolder: string;
  /** The start as `encodeSnapshot` writes it, or null: host time 0. */
  readonly state: Uint8Array | null;
  /** Most memory of the process, in MiB; a study that needs more fails. */
  readonly memoryMiB: number;
}
