/** Orders in which stores give their rows. */

type Key<Row> = (row: Row) => string | number;

/** Sorts by several keys, each ascending. Texts go by their UTF-8 bytes, as in the database. */
export function sortedBy<Row>(rows: Iterable<Row>, ...keys: Key<Row>[]): Row[] {
  return [...rows].toSorted((one, other) => {
    for (const key of keys) {
      const order = compare(key(one), key(other));
      if (order !== 0) return order;
    }
    return 0;
  });
}

/** The newest first: by their time, then by their id, each descending. */
export function newestFirst<Row extends { id: string }>(rows: Iterable<Row>, time: (row: Row) => number): Row[] {
  return sortedBy(rows, time, ({ id }) => id).toReversed();
}

function compare(one: string | number, other: string | number): number {
  if (typeof one === "number" && typeof other === "number") return one - other;
  return Buffer.compare(Buffer.from(String(one)), Buffer.from(String(other)));
}
