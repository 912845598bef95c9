import type { RequestAnswer } from '#contract/requests.ts';
import type { ShownGuest } from './host.ts';

/** A name at the edge of the matrix: a guest (with its colour where the present run has it) or the host. */
interface MatrixEdge {
  readonly key: string;
  readonly id: number;
  readonly name: string;
  readonly colour: number | null;
  readonly pages: number;
}

/** Who lost pages (rows) for whom (columns), with totals. */
export interface EvictionMatrix {
  readonly victims: readonly MatrixEdge[];
  readonly beneficiaries: readonly MatrixEdge[];
  readonly pages: number;
  readonly greatest: number;
  readonly at: (victim: MatrixEdge, beneficiary: MatrixEdge) => number;
}

/** The host as the one for whom pages were evicted. */
export const HOST_ID = 0;
export const HOST_NAME = 'the host';

/** With more guests than this only those with evictions are in the matrix. */
const ALL_SHOWN_MAX = 12;

const edgeKey = (id: number, name: string): string => `${id} ${name}`;
const hostLast = (a: MatrixEdge, b: MatrixEdge): number =>
  a.id === HOST_ID ? 1 : b.id === HOST_ID ? -1 : a.id - b.id || a.name.localeCompare(b.name);

/**
 * The summary as a matrix. The present guests, where they are few, have a row and a column, so that it keeps its shape; guests of past runs
 * and the host appear where there is something of theirs. Guests are told apart by id and name: another run may have
 * given the same id to another guest.
 */
export function evictionMatrix(
  summary: RequestAnswer<'history.evictionSummary'>,
  guests: readonly ShownGuest[],
): EvictionMatrix {
  const victims = new Map<string, MatrixEdge>();
  const beneficiaries = new Map<string, MatrixEdge>();
  const seeded = guests.length <= ALL_SHOWN_MAX ? guests : [];
  for (const { id, name, colour } of seeded) {
    const edge = { key: edgeKey(id, name), id, name, colour, pages: 0 };
    victims.set(edge.key, edge);
    beneficiaries.set(edge.key, edge);
  }
  const cells = new Map<string, number>();
  let greatest = 0;
  const add = (edges: Map<string, MatrixEdge>, id: number, given: string, pages: number): string => {
    const name = id === HOST_ID ? HOST_NAME : given;
    const key = edgeKey(id, name);
    const guest = guests.find((one) => one.id === id && one.name === name);
    const edge = edges.get(key) ?? { key, id, name, colour: guest?.colour ?? null, pages: 0 };
    edges.set(key, { ...edge, pages: edge.pages + pages });
    return key;
  };
  for (const cell of summary.cells) {
    const victim = add(victims, cell.victimId, cell.victim, cell.pages);
    const beneficiary = add(beneficiaries, cell.beneficiaryId, cell.beneficiary, cell.pages);
    const key = `${victim}\n${beneficiary}`;
    const pages = (cells.get(key) ?? 0) + cell.pages;
    cells.set(key, pages);
    greatest = Math.max(greatest, pages);
  }
  return {
    victims: [...victims.values()].sort(hostLast),
    beneficiaries: [...beneficiaries.values()].sort(hostLast),
    pages: summary.pages,
    greatest,
    at: (victim, beneficiary) => cells.get(`${victim.key}\n${beneficiary.key}`) ?? 0,
  };
}
