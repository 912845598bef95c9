/** One thing that is wrong with the audit. */
export interface Finding {
  readonly kind: 'altered' | 'removed' | 'inserted' | 'cut-off' | 'other-history' | 'unguarded';
  /** First and last row concerned, by their numbers; null where it is not about rows. */
  readonly fromId: number | null;
  readonly toId: number | null;
  readonly sentence: string;
}

/** "Row 7 …" or "Rows 7 to 9 …". */
export function rowsFinding(kind: Finding['kind'], fromId: number, toId: number, rest: string): Finding {
  const rows = fromId === toId ? `Row ${fromId} of the audit was` : `Rows ${fromId} to ${toId} of the audit were`;
  return { kind, fromId, toId, sentence: `${rows} ${rest}.` };
}
