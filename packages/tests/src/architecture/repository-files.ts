/** Reads the repository's own files, for tests about how it is written. */
import { globSync, readFileSync } from "node:fs";
import path from "node:path";

const root = path.resolve(import.meta.dirname, "..", "..", "..", "..");
const skippedFolders = new Set(["node_modules", "dist", "out", ".turbo"]);

export interface RepositoryFile {
  /** From the workspace root, with forward slashes. */
  path: string;
  lines: string[];
}

/** The files that match the patterns, without what is installed, built or written by a run. */
export function readFiles(patterns: readonly string[]): RepositoryFile[] {
  return globSync(patterns, { cwd: root, exclude: (name) => skippedFolders.has(path.basename(name)) })
    .toSorted()
    .map((name) => ({
      path: name.split(path.sep).join("/"),
      lines: readFileSync(path.join(root, name), "utf8").replace(/\n$/, "").split("\n"),
    }));
}

/** Each matching line as `file:line: text`. */
export function findLines(files: readonly RepositoryFile[], pattern: RegExp): string[] {
  return files.flatMap(({ path: file, lines }) =>
    lines.flatMap((line, index) => (pattern.test(line) ? [`${file}:${index + 1}: ${line.trim()}`] : [])),
  );
}
