/** What the command line needs from the process that it runs in, and what all of its commands share. */
import { systemClock, type Clock } from "@millrace/agent";
import pc from "picocolors";
import type { ExitCode } from "./exit-codes.ts";

/** The part of a process's output stream that is used. */
export interface OutputStream {
  write(text: string): unknown;
  readonly isTTY?: boolean | undefined;
}

export interface Host {
  stdout: OutputStream;
  stderr: OutputStream;
  /** What is written to the program. Default: nothing. */
  stdin?: AsyncIterable<Uint8Array | string>;
  /** Default: the system's. */
  clock?: Clock;
  env: Readonly<Record<string, string | undefined>>;
  /** Has a listener called when the user asks a command to end; gives a function that removes it. */
  onInterrupt?: (listener: () => void) => () => void;
}

export type Colors = ReturnType<typeof pc.createColors>;

export interface Context extends Required<Host> {
  /** For what goes to `stdout`. */
  colors: Colors;
  /** For what goes to `stderr`. */
  errorColors: Colors;
  setExitCode(code: ExitCode): void;
}

export function createContext(host: Host, setExitCode: (code: ExitCode) => void): Context {
  const { stdout, stderr, stdin = nothing(), clock = systemClock, env, onInterrupt = () => () => undefined } = host;
  const colorsOf = ({ isTTY }: OutputStream) => pc.createColors(wantsColor(env, isTTY === true));
  const colors = { colors: colorsOf(stdout), errorColors: colorsOf(stderr) };
  return { stdout, stderr, stdin, clock, env, onInterrupt, ...colors, setExitCode };
}

async function* nothing(): AsyncGenerator<string> {}

/** By the conventions of no-color.org and force-color.org. */
function wantsColor(env: Host["env"], isTerminal: boolean): boolean {
  if (env["NO_COLOR"]) return false;
  return Boolean(env["FORCE_COLOR"]) || (isTerminal && env["TERM"] !== "dumb");
}
