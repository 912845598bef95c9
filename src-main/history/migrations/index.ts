import { foundation } from './0001-foundation.ts';
import { tiers } from './0002-tiers.ts';
import { checkpoints } from './0003-checkpoints.ts';
import { restorations } from './0004-restorations.ts';
import { packedTiers } from './0005-packed-tiers.ts';
import { studies } from './0006-studies.ts';
import { hostActions } from './0007-host-actions.ts';
import type { Migration } from './migration.ts';

/** All steps, oldest first; their versions are 1, 2, 3 … without holes. */
export const MIGRATIONS: readonly Migration[] = [
  foundation,
  tiers,
  checkpoints,
  restorations,
  packedTiers,
  studies,
  hostActions,
];

/** The schema version that this program reads and writes. */
export const SCHEMA_VERSION = MIGRATIONS.length;
