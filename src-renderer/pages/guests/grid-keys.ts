const STEPS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
};

/** In a field with typed text left and right belong to the text; in one as it was, they leave the cell. */
function staysInText(target: HTMLElement, key: string): boolean {
  if (!(target instanceof HTMLInputElement) || key === 'ArrowUp' || key === 'ArrowDown') return false;
  if (target.dataset['dirty'] === 'true') return true;
  const { selectionStart, selectionEnd, value } = target;
  if (selectionStart === 0 && selectionEnd === value.length) return false;
  return key === 'ArrowLeft' ? selectionStart !== 0 : selectionEnd !== value.length;
}

/** Arrow keys move the focus between the cells of a table whose cells carry `data-row` and `data-col`. */
export function moveInGrid(event: KeyboardEvent, table: HTMLElement): void {
  const step = STEPS[event.key];
  const target = event.target;
  if (step === undefined || event.ctrlKey || event.altKey || event.metaKey || !(target instanceof HTMLElement)) return;
  const cell = target.closest<HTMLElement>('[data-row][data-col]');
  if (cell === null || staysInText(target, event.key)) return;
  const row = Number(cell.dataset['row']) + step[0];
  const column = Number(cell.dataset['col']) + step[1];
  const next = table.querySelector<HTMLElement>(`[data-row="${row}"][data-col="${column}"]`);
  if (next === null) return;
  event.preventDefault();
  (next.querySelector<HTMLElement>('input, button') ?? next).focus();
}
