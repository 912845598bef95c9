import { ConsoleError } from '#contract/errors.ts';
import type { Action, Change, HostSettings } from '#contract/model.ts';
import { PRESENT, REMOVED } from '../host/guest/guest.ts';
import type { Host } from '../host/host.ts';
import type { NewAction } from '../history/writer/action-log.ts';

/** No cap and no limit are Infinity in the model, null where they are stored. */
const storedPages = (pages: number): number | null => (pages === Infinity ? null : pages);
const modelPages = (pages: number | null): number => pages ?? Infinity;

/** The settings of a host that its samples do not have. */
export function settingsOf(host: Host): HostSettings {
  const { policy, idleTaxPermille, ephemeralLimitPages } = host.settings;
  return {
    policy,
    idleTaxPermille,
    totalPages: host.readings().totalPages,
    poolLimitPages: storedPages(ephemeralLimitPages),
    guestSettings: host.guestIds.map((guestId) => {
      const guest = host.guest(guestId);
      const presence =
        guest?.presence === PRESENT ? 'present' : guest?.presence === REMOVED ? ('removed' as const) : 'waiting';
      return {
        ...{ guestId, capPages: storedPages(guest?.capPages ?? Infinity), presence },
        removedByScenarioMs: presence === 'removed' ? host.configuredRemovalMs(guestId) : null,
      };
    }),
  };
}

/** Gives a host an action at its time. The action was checked by {@link planActions} on the host as it was then. */
export function applyAction(host: Host, action: Action): void {
  const { policy, idleTaxPermille } = host.settings;
  switch (action.kind) {
    case 'weight':
      host.setWeight(action.guestId, action.after);
      break;
    case 'balloon-target':
      host.setBalloonTarget(action.guestId, action.after);
      break;
    case 'precache-cap':
      host.setCap(action.guestId, modelPages(action.after));
      break;
    case 'policy':
      host.setPolicy(action.after, idleTaxPermille);
      break;
    case 'idle-tax':
      host.setPolicy(policy, action.after);
      break;
    case 'pool-limit':
      host.setEphemeralLimit(modelPages(action.after));
      break;
    case 'host-size':
      host.setTotalPages(action.after);
      break;
    case 'remove-guest':
      host.removeGuest(action.guestId);
      break;
    case 'flush-precache':
      host.flushGuest(action.guestId);
      break;
  }
}

/**
 * What a set of changes would be in the audit: each with what it finds, the same knob twice starting from what the one
 * before leaves. The host is only read.
 * @param undoes for each change the action that it sets back, or null
 * @throws ConsoleError `unknown-guest`, `bad-balloon-target`, `bad-host-size`, `bad-request` for what it says to undo and does not
 */
export function planActions(
  host: Host,
  changes: readonly Change[],
  { reason = null, undoes = null }: { reason?: string | null; undoes?: readonly (Action | null)[] | null } = {},
): NewAction[] {
  const plan = new Plan(host);
  if (undoes !== null && undoes.length !== changes.length) {
    throw new ConsoleError('bad-request', `${changes.length} changes cannot set back ${undoes.length} actions.`);
  }
  return changes.map((change, place) => {
    const undone = undoes?.[place] ?? null;
    const step = plan.step(change);
    if (undone !== null) requireInverse(step, undone);
    return { ...step, hostMs: host.hostMs, source: 'console' as const, reason, undoes: undone?.id ?? null };
  });
}

type Step = Planned<NewAction>;
type Planned<T> = T extends unknown ? Omit<T, 'hostMs' | 'source' | 'reason' | 'undoes'> : never;

function requireInverse(step: Step, undone: Action): void {
  if (step.kind === undone.kind && step.guestId === undone.guestId && step.after === undone.before) return;
  throw new ConsoleError(
    'bad-request',
    `The change of ${step.kind} does not set back row ${undone.id} of the audit.`,
    'Undo it as it stands in the audit, or apply the change without saying that it undoes something.',
  );
}

/** A host as it would be after the changes so far. */
class Plan {
  private readonly host: Host;
  private readonly staged = new Map<string, Step>();
  private readonly removed = new Set<number>();
  private readonly flushed = new Set<number>();

  constructor(host: Host) {
    this.host = host;
  }

  step(change: Change): Step {
    const step = this.read(change);
    this.staged.set(`${step.kind} ${step.guestId ?? ''}`, step);
    return step;
  }

  private read(change: Change): Step {
    const { policy, idleTaxPermille, ephemeralLimitPages } = this.host.settings;
    switch (change.kind) {
      case 'weight': {
        const { kind, guestId, value: after } = change;
        return { kind, guestId, after, before: this.before(kind, guestId) ?? this.guest(guestId).weight };
      }
      case 'balloon-target': {
        const { kind, guestId, valuePages: after } = change;
        const { name, minPages, maxPages, targetPages } = this.guest(guestId);
        if (after < minPages || after > maxPages) {
          throw new ConsoleError(
            'bad-balloon-target',
            `The balloon target of ${name} must lie from ${minPages / 256} to ${maxPages / 256} MiB.`,
            'Give a target within these bounds.',
          );
        }
        return { kind, guestId, after, before: this.before(kind, guestId) ?? targetPages };
      }
      case 'precache-cap': {
        const { kind, guestId, valuePages: after } = change;
        const present = storedPages(this.guest(guestId).capPages);
        return { kind, guestId, after, before: this.before(kind, guestId, present) };
      }
      case 'policy': {
        const { kind, value: after } = change;
        return { kind, guestId: null, after, before: this.before(kind, null) ?? policy };
      }
      case 'idle-tax': {
        const { kind, valuePermille: after } = change;
        return { kind, guestId: null, after, before: this.before(kind, null) ?? idleTaxPermille };
      }
      case 'pool-limit': {
        const { kind, valuePages: after } = change;
        return { kind, guestId: null, after, before: this.before(kind, null, storedPages(ephemeralLimitPages)) };
      }
      case 'host-size':
        return this.hostSize(change.valuePages);
      case 'remove-guest': {
        const { kind, guestId } = change;
        const before = this.heldBy(guestId);
        this.removed.add(guestId);
        return { kind, guestId, before, after: null };
      }
      case 'flush-precache': {
        const { kind, guestId } = change;
        const before = { ...this.heldBy(guestId), ramPages: 0, preswapPages: 0 };
        this.flushed.add(guestId);
        return { kind, guestId, before, after: null };
      }
    }
  }

  /** What an earlier change of the set leaves of a knob; `otherwise` where there is none. */
  private before<K extends Step['kind']>(kind: K, guestId: number | null): Extract<Step, { kind: K }>['after'] | null;
  private before<K extends Step['kind'], T>(
    kind: K,
    guestId: number | null,
    otherwise: T,
  ): Extract<Step, { kind: K }>['after'] | T;
  private before(kind: Step['kind'], guestId: number | null, otherwise: unknown = null): unknown {
    const step = this.staged.get(`${kind} ${guestId ?? ''}`);
    return step === undefined ? otherwise : step.after;
  }

  private hostSize(after: number): Step {
    const kind = 'host-size';
    const { totalPages, reservedPages, guests } = this.host.readings();
    const taken = guests.reduce(
      (sum, { id, present, ramPages, persistentPages }) =>
        sum + (present && !this.removed.has(id) ? ramPages + persistentPages : 0),
      0,
    );
    const least = reservedPages + taken;
    if (after < least) {
      throw new ConsoleError(
        'bad-host-size',
        `A host of ${after / 256} MiB is too small: its reserve and what its guests have in RAM and preswap need ${least / 256} MiB.`,
        'Make the guests smaller first, and wait until their balloons have moved.',
      );
    }
    return { kind, guestId: null, after, before: this.before(kind, null) ?? totalPages };
  }

  /** What a guest holds that would be given up with it. */
  private heldBy(guestId: number) {
    this.guest(guestId);
    const held = this.host.readings().guests.find(({ id }) => id === guestId);
    if (held?.present !== true) return { ramPages: 0, precachePages: 0, preswapPages: 0 };
    const precachePages = this.flushed.has(guestId) ? 0 : held.ephemeralPages;
    return { ramPages: held.ramPages, precachePages, preswapPages: held.persistentPages };
  }

  private guest(guestId: number) {
    const guest = this.host.guest(guestId);
    if (guest === undefined) {
      throw new ConsoleError('unknown-guest', `There is no guest ${guestId} on this host.`);
    }
    if (guest.presence === REMOVED || this.removed.has(guestId)) {
      throw new ConsoleError(
        'unknown-guest',
        `${guest.name} was removed from this host: it has no settings any more.`,
        'Take the change back; nothing was applied.',
      );
    }
    return guest;
  }
}
