import type { TraceFormatReader } from './format.ts';
import { alibaba } from './formats/alibaba.ts';
import { csv } from './formats/csv.ts';
import { fiu } from './formats/fiu.ts';
import { ftrace } from './formats/ftrace.ts';
import { lcs } from './formats/lcs.ts';
import { msr } from './formats/msr.ts';
import { oracleGeneral, oracleGeneralOpNs } from './formats/oracle-general.ts';
import { spc } from './formats/spc.ts';
import { tencent } from './formats/tencent.ts';
import { vscsi } from './formats/vscsi.ts';

/** Every format that the console reads, one file each. To add one: write its file and add its line here. */
export const TRACE_FORMATS: readonly TraceFormatReader[] = [
  ftrace,
  lcs,
  oracleGeneral,
  oracleGeneralOpNs,
  vscsi,
  msr,
  alibaba,
  tencent,
  fiu,
  spc,
  csv,
];

/** The format of this name, in any case, or undefined. */
export function formatNamed(name: string): TraceFormatReader | undefined {
  return TRACE_FORMATS.find((format) => format.name.toLowerCase() === name.toLowerCase());
}
