/** A deliberately broken variant of the engine: a few lines of its source replaced when it is loaded. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

export interface Edit {
  /** Relative to `packages`. */
  file: string;
  /** Occurs exactly once in the file. */
  find: string;
  replace: string;
}

export interface Variant {
  name: string;
  /** What it breaks, in a sentence. */
  breaks: string;
  edits: readonly Edit[];
  /** A world in which it is caught. */
  seed: number;
}

/** A text to be replaced is not there exactly once: the list has to follow the sources. */
class EditMismatchError extends Error {}

const PACKAGES = new URL("../../../../", import.meta.url);

/** Where the source of an edit is. */
export const sourceOf = ({ file }: Edit): string => new URL(file, PACKAGES).href;

/** @throws EditMismatchError */
export function applyEdit(source: string, { file, find, replace }: Edit): string {
  const count = source.split(find).length - 1;
  if (count !== 1) {
    throw new EditMismatchError(
      `${file} has this text ${count} times, not once; make the variant follow the source:\n${find}`,
    );
  }
  return source.replace(find, () => replace);
}

/** Makes sure that every edit fits the sources as they are. @throws EditMismatchError */
export function checkEdits({ edits }: Variant): void {
  const sources = new Map<string, string>();
  for (const edit of edits) {
    const url = sourceOf(edit);
    sources.set(url, applyEdit(sources.get(url) ?? readFileSync(fileURLToPath(url), "utf8"), edit));
  }
}
