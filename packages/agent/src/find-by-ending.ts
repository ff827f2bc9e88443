/** Rows are named by the ending of their id, as people do; some have a name as well. */
import { AmbiguousIdError, UnknownNameError } from "./errors.ts";

type Listing<Row> = (filter: { idEnding: string; limit: number }) => Promise<Row[]>;

/** @throws UnknownNameError where none ends so, AmbiguousIdError where several do */
export async function oneByEnding<Row extends { id: string }>(
  kind: string,
  ending: string,
  list: Listing<Row>,
): Promise<Row> {
  const idEnding = ending.toLowerCase();
  return only(kind, ending, /^[0-9a-f-]+$/.test(idEnding) ? await list({ idEnding, limit: 2 }) : []);
}

/**
 * A name goes before the ending of an id.
 * @param named gives the rows of this name, at most so many
 * @throws as `oneByEnding`
 */
export async function oneByNameOrEnding<Row extends { id: string }>(
  kind: string,
  name: string,
  list: Listing<Row>,
  named: (limit: number) => Promise<Row[]>,
): Promise<Row> {
  const found = await named(2);
  return found.length > 0 ? only(kind, name, found) : oneByEnding(kind, name, list);
}

function only<Row extends { id: string }>(kind: string, name: string, found: readonly Row[]): Row {
  const [row] = found;
  if (!row) throw new UnknownNameError(kind, name);
  if (found.length > 1)
    throw new AmbiguousIdError(
      kind,
      name,
      found.map(({ id }) => id),
    );
  return row;
}
