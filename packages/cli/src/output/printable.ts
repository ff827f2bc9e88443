/** Text from outside (a mail's subject, an error of another system) must not steer the reader's terminal. */
import { stripVTControlCharacters } from "node:util";

// Control characters and those that turn the direction of writing.
const STEERING = /[\p{Cc}\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/gu;

/** Without what steers a terminal. As a `line`, breaks and tabs become spaces; as `lines`, they stay. */
export function printable(text: string, shape: "line" | "lines" = "line"): string {
  const plain = stripVTControlCharacters(text);
  if (shape === "line") return plain.replaceAll(/\s+/g, " ").replaceAll(STEERING, "");
  return plain
    .split("\n")
    .map((line) => line.replaceAll("\t", "  ").replaceAll(STEERING, ""))
    .join("\n");
}

const CHARACTERS = new Intl.Segmenter();

/** Cuts text that is longer, and shows that it did. */
export function shorten(text: string, length: number): string {
  // A text has at least as many code units as characters, so most are short enough at once.
  if (text.length <= length) return text;
  const characters = Array.from(CHARACTERS.segment(text), ({ segment }) => segment);
  return characters.length <= length ? text : `${characters.slice(0, length - 1).join("")}…`;
}
