/** Looks into a peer's database, past the peer. */
import { Client } from "pg";
import { z } from "zod";

const rowsSchema = z.array(z.object({ count: z.coerce.number() })).length(1);

/** @param what a table and a condition, in SQL of ours */
export async function countRows(address: string, what: string): Promise<number> {
  const client = new Client({ connectionString: address });
  await client.connect();
  try {
    const { rows } = await client.query(`select count(*) as count from ${what}`);
    return rowsSchema.parse(rows)[0]?.count ?? 0;
  } finally {
    await client.end();
  }
}
