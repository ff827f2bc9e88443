/** Whether a database is whole: its pages, its indexes and its references. */
import { CorruptDatabaseError } from "../../errors.ts";
import type { RawConnection } from "./connection.ts";
import { mapSqliteError } from "./error-mapping.ts";

/** Something about a database that is not as it should be. */
export interface IntegrityFinding {
  /** `integrity`: the file is damaged, or an index does not fit its table. `reference`: a row names one that is missing. */
  kind: "integrity" | "reference";
  /** The table with the row that names a missing one; null for the file as a whole. */
  table: string | null;
  /** What was found, in words. */
  message: string;
}

const MOST_FINDINGS = 100;

interface BrokenReference {
  table: string;
  rowid: number | null;
  parent: string;
}

/** What is wrong with the database, at most 100 findings of each kind; an empty list when it is whole. */
export function findDamage(connection: RawConnection, location: string): IntegrityFinding[] {
  try {
    return [...readIntegrity(connection), ...readReferences(connection)];
  } catch (error) {
    const named = mapSqliteError(error, location);
    // So damaged that the check itself fails: that is what it was to find.
    if (named instanceof CorruptDatabaseError) return [damage(`The check itself failed: ${String(error)}`)];
    throw named;
  }
}

const damage = (message: string): IntegrityFinding => ({ kind: "integrity", table: null, message });

function readIntegrity(connection: RawConnection): IntegrityFinding[] {
  // The pragma gives rows of this one column: "ok", or what it found.
  const rows = connection.pragma(`integrity_check(${MOST_FINDINGS})`) as { integrity_check: string }[];
  return rows.map((row) => row.integrity_check).flatMap((message) => (message === "ok" ? [] : [damage(message)]));
}

function readReferences(connection: RawConnection): IntegrityFinding[] {
  const statement = connection.prepare(`select "table", rowid, parent from pragma_foreign_key_check limit ?`);
  // The columns are those of the statement.
  const rows = statement.all(MOST_FINDINGS) as BrokenReference[];
  return rows.map(({ table, rowid, parent }) => ({
    kind: "reference",
    table,
    message: `Row ${rowid ?? "without a number"} of ${table} names a row of ${parent} that is missing.`,
  }));
}
