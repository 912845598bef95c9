import fc from 'fast-check';
import { it } from 'vitest';
import { histories } from './histories.ts';
import { OPERATIONS } from './operations.ts';
import { Pair } from './pair.ts';
import * as H from './histories.ts';
it('stats', () => {
  for (const mode of ['conformance', 'default'] as const) {
    const c: Record<string, number> = {};
    const inc = (k: string, n = 1) => (c[k] = (c[k] ?? 0) + n);
    for (const { beginning, steps } of fc.sample(histories(mode), 1500)) {
      const pair = new Pair(mode, beginning);
      let n = 0;
      try {
        for (const [op, ...nums] of [...(H as any).PROLOGUE, ...steps]) {
          n++;
          for (const [real, ref2] of (OPERATIONS as any)[op](pair, ...nums)) {
            const r: any = real();
            try {
              ref2();
            } catch {}
            const code = typeof r === 'object' && r !== null ? r.result : r;
            if (typeof code === 'number' && code < 0) inc(op + ' ' + code);
            if (op === 'get' && code === 1) inc('hit');
          }
          // keep reference in step
        }
      } catch (e: any) {
        inc('abort ' + e.message);
      }
      const k = pair.real.core.counters;
      inc('steps', n);
      inc('evicted', k.evicted);
      inc('histories with eviction', k.evicted > 0 ? 1 : 0);
      inc('relinq', k.relinquished);
      inc('dying', pair.real.core.pools.list.filter((p) => p.dying).length);
      inc('sharers>1', pair.real.core.pools.list.filter((p) => p.sharers.length > 1).length);
      inc('Rx', k.maxEvictionsPerRelinquish > 1 ? 1 : 0);
      inc('compressed', pair.real.core.clients.order.some((d) => d.compressedPages > 0) ? 1 : 0);
    }
    console.log(mode, c);
  }
});
