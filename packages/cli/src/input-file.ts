/** JSON that a person hands to a command: in a file, or on standard input. */
import { readFile } from "node:fs/promises";
import { MillraceError } from "@millrace/agent";
import type { JsonValue } from "@millrace/db";
import type { Context } from "./context.ts";

/** A file that was to be read can't be, or holds something else than it should. */
class InputFileError extends MillraceError {}

/** No job is longer than this, in bytes. */
const MOST_BYTES = 4 * 1024 * 1024;

/** @param file a path, or `-` for standard input. @throws InputFileError */
async function readJsonFile(file: string, { stdin }: Pick<Context, "stdin">): Promise<JsonValue> {
  const name = file === "-" ? "Standard input" : file;
  const text = file === "-" ? await readAll(stdin, name) : await read(file);
  try {
    return JSON.parse(text);
  } catch (cause) {
    // A JSON parser says where it stumbled.
    const place = cause instanceof Error ? `: ${cause.message}` : "";
    throw new InputFileError(`${name} is not JSON${place}`, { cause });
  }
}

/** The same, for an object. @throws InputFileError */
export async function readJsonObject(
  file: string,
  context: Pick<Context, "stdin">,
): Promise<Record<string, JsonValue>> {
  const value = await readJsonFile(file, context);
  if (isObject(value)) return { ...value };
  throw new InputFileError(`${file === "-" ? "Standard input" : file} holds no JSON object.`);
}

function isObject(value: JsonValue): value is { readonly [name: string]: JsonValue } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

async function read(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (cause) {
    throw new InputFileError(`The file ${file} can't be read. Check its path.`, { cause });
  }
}

async function readAll(stdin: Context["stdin"], name: string): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of stdin) {
    text += typeof chunk === "string" ? chunk : decoder.decode(chunk, { stream: true });
    if (text.length > MOST_BYTES) throw new InputFileError(`${name} is longer than ${MOST_BYTES} bytes.`);
  }
  return text + decoder.decode();
}
