/** What the command line's exit codes mean; printed by `--help`. */

/** Something failed while it ran: a file that can't be read, a host that stopped. */
export const EXIT_FAILED = 1;
/** The arguments or the input are wrong: an unknown option, a malformed line. */
export const EXIT_USAGE = 2;
/** Ctrl+C, as shells count it: 128 + SIGINT. */
export const EXIT_CANCELLED = 130;
