import * as v from 'valibot';
import type { AuditAnchor } from '#contract/reports.ts';
import { AuditAnchorSchema } from '#contract/reports.ts';

const AnchorText = v.pipe(v.string(), v.parseJson(), AuditAnchorSchema);

/** The anchor that a pasted text is; none where it is empty. */
export function readAnchor(
  text: string,
): { readonly ok: true; readonly anchor: AuditAnchor | null } | { readonly ok: false; readonly sentence: string } {
  if (text.trim() === '') return { ok: true, anchor: null };
  const read = v.safeParse(AnchorText, text);
  if (read.success) return { ok: true, anchor: read.output };
  const sentence =
    'This is no anchor. Paste the whole text that “Copy the anchor” gave, or the file beside a backup that ends in .anchor.json.';
  return { ok: false, sentence };
}
