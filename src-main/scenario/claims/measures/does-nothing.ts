import * as v from 'valibot';
import { check } from '../checks.ts';
import { AS_IS, type MeasureKind, VariantName } from '../measure-kind.ts';

/** Think times are drawn from half the mean up, so that no guest is ever faster than twice its rate. */
const FASTEST = 2;
const NS_PER_S = 1e9;

/** What a scenario file says of it. */
export const DoesNothingSchema = v.strictObject({
  kind: v.literal('does-nothing'),
  without: v.pipe(VariantName, v.description('The variant without tmem.')),
});

/** Where every working set fits, nothing is put, and only failed gets cost anything. */
export const doesNothing: MeasureKind<v.InferOutput<typeof DoesNothingSchema>> = {
  variants: ({ without }) => [without],
  guests: () => [],
  measure({ without }, runs) {
    const [withTmem, withoutTmem] = [runs(AS_IS), runs(without)];
    const names = withTmem.config.guests.map(({ name }) => name);
    const hypercallS = (withTmem.config.costs?.cpu.hypercallNs ?? 0) / NS_PER_S;
    const checks = names.flatMap((name) => {
      const did = withTmem.guest(name);
      const { accesses } = withoutTmem.guest(name);
      const failedGets = did.precacheGets - did.precacheHits;
      const lost = (FASTEST * accesses * failedGets * hypercallS) / withTmem.seconds + 1;
      return [
        check(`precache puts of ${name}`, did.precachePuts + did.precachePutsFailed, 'exactly', 0),
        check(`preswap puts of ${name}`, did.preswapPuts + did.preswapPutsFailed, 'exactly', 0),
        check(`accesses that ${name} lost by tmem`, accesses - did.accesses, 'at-most', lost, 'accesses'),
      ];
    });
    const rows = names.map((name) => {
      const { accesses, precacheGets, precachePuts, preswapPuts } = withTmem.guest(name);
      return [name, accesses, withoutTmem.guest(name).accesses, precacheGets, precachePuts + preswapPuts];
    });
    return { checks, table: { head: ['guest', 'accesses', 'without tmem', 'gets that failed', 'puts'], rows } };
  },
};
