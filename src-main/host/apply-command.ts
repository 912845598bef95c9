import type { PolicyName } from './tmem/policies/index.ts';
import type { TimedCommand } from './timetable.ts';
import type { StoreReadings } from './tmem/readings.ts';

/** The commands of a host, as far as a config may give them. */
interface Commanded {
  setWeight(id: number, weight: number): void;
  setCap(id: number, pages: number): void;
  setBalloonTarget(id: number, pages: number): void;
  setFrozen(id: number, frozen: boolean): void;
  startGuest(id: number): void;
  removeGuest(id: number): void;
  setPolicy(policy: PolicyName, idleTaxPermille: number): void;
  setEphemeralLimit(pages: number): void;
  setTotalPages(pages: number): void;
}

/** Gives a host a command of its config. @throws Error where the host refuses it */
export function applyCommand(host: Commanded, store: StoreReadings, command: TimedCommand): void {
  switch (command.kind) {
    case 'weight':
      host.setWeight(command.guestId, command.weight);
      break;
    case 'cap':
      host.setCap(command.guestId, command.pages);
      break;
    case 'balloon-target':
      host.setBalloonTarget(command.guestId, command.pages);
      break;
    case 'frozen':
      host.setFrozen(command.guestId, command.frozen);
      break;
    case 'running':
      if (command.running) host.startGuest(command.guestId);
      else host.removeGuest(command.guestId);
      break;
    case 'policy':
      host.setPolicy(command.policy, store.idleTaxPermille);
      break;
    case 'idle-tax':
      host.setPolicy(store.policyName, command.permille);
      break;
    case 'pool-limit':
      host.setEphemeralLimit(command.pages);
      break;
    case 'host-size':
      host.setTotalPages(command.pages);
      break;
  }
}
