/** Follows a list page by page to its end. */
import type { Page, PageCursor } from "@millrace/db";

/** More pages than this mean that the list does not end. */
const MOST_PAGES = 1_000;

/** Where a page begins. The id is of whatever kind the list is of. */
interface Beginning {
  before?: PageCursor<never>;
}

export async function allPages<Row>(page: (beginning: Beginning) => Promise<Page<Row>>): Promise<Row[]> {
  const rows: Row[] = [];
  let beginning: Beginning = {};
  for (let count = 0; count < MOST_PAGES; count += 1) {
    const { rows: more, next } = await page(beginning);
    rows.push(...more);
    if (next === null) return rows;
    // The list gives it to itself.
    beginning = { before: next as PageCursor<never> };
  }
  throw new Error(`the list has no end after ${MOST_PAGES} pages`);
}
