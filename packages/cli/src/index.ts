/** millrace: the host and its command line, for programs that embed it. */
export { runCommandLine } from "./command-line.ts";
export type { Host, OutputStream } from "./context.ts";
export { EXIT_CODES, type ExitCode } from "./exit-codes.ts";
