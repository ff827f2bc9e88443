/** What the bytes of a file say about an append that was noted and perhaps written. */
import { basename } from "node:path";
import type { Intent } from "./append-journal.ts";
import type { Disk } from "./disk.ts";

export type Finding = { is: "there" } | { is: "torn" } | { is: "absent" } | { is: "unclear"; reason: string };

export async function findLine(disk: Disk, path: string, intent: Intent): Promise<Finding> {
  const expected = Buffer.from(intent.text);
  const name = basename(path);
  const state = await disk.stat(path);
  if (!state) return { is: "unclear", reason: `${name} has been removed by another program.` };
  if (state.size < intent.offset)
    return { is: "unclear", reason: `${name} has been shortened by another program, to ${state.size} bytes.` };
  const found = await disk.read(path, intent.offset, expected.length);
  if (found.equals(expected)) return { is: "there" };
  if (state.identity !== intent.file)
    return { is: "unclear", reason: `${name} has been replaced by another program, and the line is not in it.` };
  const isAtEnd = state.size - intent.offset <= expected.length;
  if (isAtEnd && isNothing(found, intent)) return { is: "absent" };
  if (isAtEnd && isPartOf(expected, found)) return { is: "torn" };
  return {
    is: "unclear",
    reason: `${name} was changed by another program where the line should be (at byte ${intent.offset}).`,
  };
}

/** A newline in front of our line alone says nothing of it: another program may have ended its own line. */
function isNothing(found: Buffer, { text }: Intent): boolean {
  return found.length === 0 || (text.startsWith("\n") && found.equals(Buffer.from("\n")));
}

/** A power cut may leave zeros where bytes were to be. */
function isPartOf(expected: Buffer, found: Buffer): boolean {
  const end = found.findLastIndex((byte) => byte !== 0) + 1;
  return expected.subarray(0, end).equals(found.subarray(0, end));
}
