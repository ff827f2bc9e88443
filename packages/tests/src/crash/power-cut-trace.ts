/**
 * Reads what strace wrote down: the calls that change files, whole, with their data, in the order in which they began
 * and ended.
 *
 * Boundary: what the calls mean for a disk is in power-cut-disk-model.ts.
 * Invariants:
 * 1. A call has begun from its first line on and has ended with its last one; calls of several threads may overlap.
 * 2. A call that failed is left out. One that is not known here is an error, never skipped.
 */

/** A call with its result. Paths are as the process gave them, offsets and sizes in bytes. */
export type DiskCall =
  | { name: "open"; path: string; flags: readonly string[]; file: number }
  | { name: "close"; file: number }
  | { name: "seek"; file: number; result: number }
  /** Without an offset: where the file stands, or at its end. */
  | { name: "write"; file: number; offset: number | null; data: Buffer }
  | { name: "resize"; file: number | string; size: number }
  | { name: "allocate"; file: number; size: number }
  | { name: "sync"; file: number }
  | { name: "rename"; from: string; to: string }
  | { name: "unlink"; path: string }
  | { name: "mkdir"; path: string };

export interface TraceStep {
  is: "begun" | "ended";
  call: DiskCall;
}

/** The calls that strace must be asked for: all that can change a file, or make its change last. */
export const TRACED_CALLS = [
  "open,openat,openat2,creat,close,lseek",
  "write,pwrite64,writev,pwritev,pwritev2,copy_file_range,sendfile,splice",
  "truncate,ftruncate,fallocate",
  "fsync,fdatasync,sync,syncfs,sync_file_range",
  "rename,renameat,renameat2,link,linkat,symlink,symlinkat,unlink,unlinkat,mkdir,mkdirat,rmdir",
  "dup,dup2,dup3",
].join(",");

const UNFINISHED = " <unfinished ...>";

/** The trace holds what can't be modelled, or is not what strace writes. */
export class TraceError extends Error {
  constructor(why: string, line: string) {
    super(`The trace can't be used: ${why}, in "${line.slice(0, 300)}".`);
    this.name = "TraceError";
  }
}

/** @param concerns which paths matter: what is done to others is left out */
export function readTrace(text: string, concerns: (path: string) => boolean): TraceStep[] {
  // Each part is what a line has begun, in the order of the lines; where a call goes on later, it is filled in later.
  const parts: TraceStep[][] = [];
  const unfinished = new Map<string, { line: string; part: TraceStep[] }>();
  for (const line of text.split("\n")) {
    const [, thread = "", rest = ""] = /^(\d+)\s+(.*)$/s.exec(line) ?? [];
    if (rest === "" || rest.startsWith("+++") || rest.startsWith("---")) continue;
    const part: TraceStep[] = [];
    parts.push(part);
    if (rest.endsWith(UNFINISHED)) {
      unfinished.set(thread, { line: rest.slice(0, -UNFINISHED.length), part });
      continue;
    }
    const [, resumed] = /^<\.\.\. \w+ resumed>(.*)$/s.exec(rest) ?? [];
    const begun = resumed === undefined ? undefined : unfinished.get(thread);
    const call = readCall(begun ? begun.line + (resumed ?? "") : rest, concerns);
    if (!call) continue;
    (begun?.part ?? part).push({ is: "begun", call });
    part.push({ is: "ended", call });
  }
  return parts.flat();
}

/** One call; null where it failed or concerns nothing that matters. */
function readCall(line: string, concerns: (path: string) => boolean): DiskCall | null {
  const [, name, given, result] = /^(\w+)\((.*)\)\s+=\s+(-?\d+|\?)/s.exec(line) ?? [];
  if (name === undefined || given === undefined || result === undefined) throw new TraceError("no call", line);
  if (result === "?" || result.startsWith("-")) return null;
  const values = splitArguments(given);
  const paths = values.flatMap((value) => pathsIn(value));
  if (!paths.some((path) => concerns(path))) return null;
  return toCall(name, values, Number(result), line);
}

function toCall(name: string, values: readonly string[], result: number, line: string): DiskCall {
  const at = (index: number) => values[index] ?? "";
  const file = Number.parseInt(at(0), 10);
  switch (name) {
    case "openat":
      return { name: "open", path: decodeText(at(1)), flags: at(2).split("|"), file: result };
    case "close":
      return { name: "close", file };
    case "lseek":
      return { name: "seek", file, result };
    case "write":
      return { name: "write", file, offset: null, data: decode(at(1)).subarray(0, result) };
    case "pwrite64":
      return { name: "write", file, offset: Number(at(3)), data: decode(at(1)).subarray(0, result) };
    case "writev":
      return { name: "write", file, offset: null, data: decodeVector(at(1)).subarray(0, result) };
    case "pwritev":
      return { name: "write", file, offset: Number(at(3)), data: decodeVector(at(1)).subarray(0, result) };
    case "ftruncate":
      return { name: "resize", file, size: Number(at(1)) };
    case "truncate":
      return { name: "resize", file: decodeText(at(0)), size: Number(at(1)) };
    case "fallocate":
      if (at(1) !== "0") throw new TraceError("an allocation of another kind", line);
      return { name: "allocate", file, size: Number(at(2)) + Number(at(3)) };
    case "fsync":
    case "fdatasync":
      return { name: "sync", file };
    case "rename":
      return { name: "rename", from: decodeText(at(0)), to: decodeText(at(1)) };
    case "unlink":
      return { name: "unlink", path: decodeText(at(0)) };
    case "mkdir":
      return { name: "mkdir", path: decodeText(at(0)) };
    default:
      throw new TraceError(`a call of ${name}`, line);
  }
}

/** At the commas that stand outside of texts and lists. All texts are in hexadecimal, so none has a quote in it. */
function splitArguments(given: string): string[] {
  const values: string[] = [];
  let depth = 0;
  let start = 0;
  for (let index = 0; index < given.length; index += 1) {
    const character = given[index];
    if (character === '"') index = given.indexOf('"', index + 1);
    else if (character === "[" || character === "{") depth += 1;
    else if (character === "]" || character === "}") depth -= 1;
    else if (character === "," && depth === 0) {
      values.push(given.slice(start, index).trim());
      start = index + 1;
    }
  }
  return [...values, given.slice(start).trim()];
}

/** The path that strace adds to the number of an open file, or a path that is an argument. */
function pathsIn(value: string): string[] {
  const [, described] = /^-?\w+<((?:\\x[0-9a-f]{2})+)>/.exec(value) ?? [];
  if (described !== undefined) return [decodeText(`"${described}"`)];
  // Longer than any path: it is data.
  return value.startsWith('"') && value.length < 4 * 4_096 ? [decodeText(value)] : [];
}

function decode(value: string): Buffer {
  const [, hexadecimal] = /^"((?:\\x[0-9a-f]{2})*)"$/.exec(value) ?? [];
  if (hexadecimal === undefined) throw new TraceError("a text that is cut short", value);
  return Buffer.from(hexadecimal.replaceAll(String.raw`\x`, ""), "hex");
}

function decodeText(value: string): string {
  return decode(value).toString("utf8");
}

/** `[{iov_base="…", iov_len=1}, …]` */
function decodeVector(value: string): Buffer {
  return Buffer.concat([...value.matchAll(/iov_base=("[^"]*")/g)].map(([, text]) => decode(text ?? "")));
}
