import type { TraceFormatReader } from './format.ts';
import { ftrace } from './formats/ftrace.ts';
import { csv } from './formats/csv.ts';
import { msr } from './formats/msr.ts';
import { oracleGeneral, oracleGeneralOpNs } from './formats/oracle-general.ts';

/** Every format that the console reads, one file each. To add one: write its file and add its line here. */
export const TRACE_FORMATS: readonly TraceFormatReader[] = [ftrace, oracleGeneral, oracleGeneralOpNs, msr, csv];

/** The format of this name, in any case, or undefined. */
export function formatNamed(name: string): TraceFormatReader | undefined {
  return TRACE_FORMATS.find((format) => format.name.toLowerCase() === name.toLowerCase());
}
