/** SQLite and Postgres both limit how many parameters a statement may have. */
const CHUNK_SIZE = 500;

/** Splits a list, so that an IN list made of one piece stays under every dialect's limit. */
export function chunk<T>(items: readonly T[]): T[][] {
  const pieces: T[][] = [];
  for (let start = 0; start < items.length; start += CHUNK_SIZE) pieces.push(items.slice(start, start + CHUNK_SIZE));
  return pieces;
}
