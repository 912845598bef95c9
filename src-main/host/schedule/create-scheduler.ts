import { Mom, type MomConfig } from './mom.ts';
import {
  EqualShares,
  type GreedyConfig,
  type ReconfiguredStaticConfig,
  type StaticSharesConfig,
} from './pool-shares.ts';
import type { Scheduler } from './scheduler.ts';
import { SelfBalloon, type SelfBalloonConfig } from './self-balloon.ts';
import { SmartAlloc, type SmartAllocConfig } from './smart-alloc.ts';

/** Nobody but the administrator sets balloon targets. */
interface ManualConfig {
  readonly kind: 'manual';
}

/** Who sets balloon targets. A host has at most one of these; none is as good as `manual`. */
export type BalloonSchedulerConfig = ManualConfig | SelfBalloonConfig | MomConfig;

/** Who sets pool targets. A host has at most one of these; none is as good as `greedy`. */
export type PoolSchedulerConfig = GreedyConfig | StaticSharesConfig | ReconfiguredStaticConfig | SmartAllocConfig;

/** A memory scheduler of a host, as plain data. A host may have two: one for balloons, one for the pool. */
export type SchedulerConfig = BalloonSchedulerConfig | PoolSchedulerConfig;

/**
 * Makes the scheduler that a config describes, for a host of so many guests; null where there is nothing to call.
 * @throws ConfigValueError for a value out of its range
 */
export function createScheduler(config: SchedulerConfig, guests: number): Scheduler | null {
  switch (config.kind) {
    case 'manual':
    case 'greedy':
      return null;
    case 'self-balloon':
      return new SelfBalloon(config, guests);
    case 'mom':
      return new Mom(config);
    case 'static-shares':
    case 'reconfigured-static':
      return new EqualShares(config);
    case 'smart-alloc':
      return new SmartAlloc(config, guests);
  }
}
