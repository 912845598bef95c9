import { loopingTrace, zipfTrace } from './generate.ts';
import { ReferenceFifo, keyWords } from './reference-loop.ts';
import { runLive } from './live-store.ts';
const cpu = () => { const u = process.cpuUsage(); return (u.user + u.system) / 1000; };
function proto(pages: Int32Array, cap: number, guests: number) {
  let nb = 16; while (nb < cap) nb *= 2;
  const b = new Int32Array(nb); const mask = nb - 1;
  const r = new Int32Array((cap + 2 + guests + 2) * 8);
  let top = 8; let free = 0; let held = 0; let hits = 0;
  const g = top; top += 8; r[g + 4] = g; r[g + 5] = g;
  const heads = new Int32Array(guests);
  for (let i = 0; i < guests; i++) { heads[i] = top; r[top + 6] = top; r[top + 7] = top; top += 8; }
  const t0 = cpu();
  for (let i = 0; i < pages.length; i++) {
    const key = pages[i]!; const c = key % guests;
    let h = Math.imul(key, 0x9e3779b1); h = (h ^ (h >>> 15)) & mask;
    let prev = 0; let p = b[h]!;
    while (p !== 0 && (r[p + 1] !== key || r[p+2] !== c)) { prev = p; p = r[p]!; }
    if (p !== 0) {
      hits++;
      if (prev === 0) b[h] = r[p]!; else r[prev] = r[p]!;
      const a = r[p + 4]!, d = r[p + 5]!; r[d + 4] = a; r[a + 5] = d;
      const e = r[p + 6]!, f = r[p + 7]!; r[f + 6] = e; r[e + 7] = f;
      r[p] = free; free = p; held--;
    }
    if (held === cap) {
      const v = r[g + 4]!;
      const a = r[v + 4]!, d = r[v + 5]!; r[d + 4] = a; r[a + 5] = d;
      const e = r[v + 6]!, f = r[v + 7]!; r[f + 6] = e; r[e + 7] = f;
      let hh = Math.imul(r[v + 1]!, 0x9e3779b1); hh = (hh ^ (hh >>> 15)) & mask;
      let pr = 0; let q = b[hh]!; while (q !== v) { pr = q; q = r[q]!; }
      if (pr === 0) b[hh] = r[v]!; else r[pr] = r[v]!;
      r[v] = free; free = v; held--;
    }
    let n = free; if (n !== 0) free = r[n]!; else { n = top; top += 8; }
    r[n] = b[h]!; b[h] = n; r[n + 1] = key; r[n + 2] = c;
    let tail = r[g + 5]!; r[n + 4] = g; r[n + 5] = tail; r[tail + 4] = n; r[g + 5] = n;
    const hd = heads[c]!; tail = r[hd + 7]!; r[n + 6] = hd; r[n + 7] = tail; r[tail + 6] = n; r[hd + 7] = n;
    held++;
  }
  return { ms: cpu() - t0, hits };
}
for (const t of [loopingTrace(30), zipfTrace(4_000_000)]) for (let k = 0; k < 3; k++) {
  const lo = new Uint32Array(t.pages.length), hi = new Uint32Array(t.pages.length);
  t.pages.forEach((page, i) => { const x = keyWords(page); lo[i] = x.lo; hi[i] = x.hi; });
  const cache = new ReferenceFifo(t.poolPages);
  const t0 = cpu();
  for (let i = 0; i < lo.length; i++) cache.access(lo[i] ?? 0, hi[i] ?? 0);
  const ref = cpu() - t0;
  const p = proto(t.pages, t.poolPages, 4);
  const t1 = cpu(); const l = runLive(t, 4, 'max-over-share'); const live = cpu() - t1;
  const f = (ms: number) => (ms * 1e6 / t.pages.length).toFixed(0) + ' ns';
  console.log(t.name, 'ref', f(ref), 'proto', f(p.ms), (ref / p.ms).toFixed(2), p.hits, 'live', f(live), (ref / live).toFixed(2), l.hits);
}
