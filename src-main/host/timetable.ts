import type { PolicyName } from './tmem/policies/index.ts';

/** A command that a host gets from its scenario at a host time (whole ms). Memory is in pages. */
export type TimedCommand = { readonly atMs: number } & (
  | { readonly kind: 'weight'; readonly guestId: number; readonly weight: number }
  | { readonly kind: 'cap'; readonly guestId: number; readonly pages: number }
  | { readonly kind: 'balloon-target'; readonly guestId: number; readonly pages: number }
  | { readonly kind: 'frozen'; readonly guestId: number; readonly frozen: boolean }
  | { readonly kind: 'running'; readonly guestId: number; readonly running: boolean }
  | { readonly kind: 'policy'; readonly policy: PolicyName }
  | { readonly kind: 'idle-tax'; readonly permille: number }
  | { readonly kind: 'pool-limit'; readonly pages: number }
  | { readonly kind: 'host-size'; readonly pages: number }
);
