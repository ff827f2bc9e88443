/** Rows named by the ending of their id, as people do. */
import { sql, type RawBuilder, type SqlBool } from "kysely";

/** Holds for rows whose `id` ends so. Ids hold hexadecimal digits and dashes only, so the ending has no wildcards. */
export const idEndsWith = (ending: string): RawBuilder<SqlBool> => sql<SqlBool>`id like ${`%${ending}`}`;
