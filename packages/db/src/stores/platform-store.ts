/** Platforms: the tenants of a database. `default` is always there. */
import type { Database, Transaction } from "../database.ts";
import { ProtectedRowError } from "../errors.ts";
import { DEFAULT_PLATFORM_ID, type PlatformId } from "../ids.ts";

export interface Platform {
  id: PlatformId;
  name: string;
  createdAt: number;
}

export class PlatformStore {
  private readonly database: Database;

  constructor(database: Database) {
    this.database = database;
  }

  /** The platform of this name, made if there is none. */
  async getOrCreate(name: string, now: number, tx?: Transaction): Promise<Platform> {
    const row = await this.database.write(
      ({ executor }) =>
        executor
          .insertInto("platforms")
          .values({ id: this.database.newId<PlatformId>(), name, created_at: now })
          .onConflict((conflict) => conflict.column("name").doUpdateSet({ name }))
          .returningAll()
          .executeTakeFirstOrThrow(),
      tx,
    );
    return { id: row.id, name: row.name, createdAt: row.created_at };
  }

  /** All platforms, by name. */
  async list(tx?: Transaction): Promise<Platform[]> {
    const rows = await this.database.read(
      (executor) => executor.selectFrom("platforms").selectAll().orderBy("name").execute(),
      tx,
    );
    return rows.map((row) => ({ id: row.id, name: row.name, createdAt: row.created_at }));
  }

  /**
   * Deletes a platform with all that it owns; gives the number of platforms deleted (0 or 1).
   * @throws ProtectedRowError for `default`
   */
  async delete(id: PlatformId, tx?: Transaction): Promise<number> {
    if (id === DEFAULT_PLATFORM_ID) throw new ProtectedRowError("platforms", "default");
    const result = await this.database.write(
      ({ executor }) => executor.deleteFrom("platforms").where("id", "=", id).executeTakeFirst(),
      tx,
    );
    return Number(result.numDeletedRows);
  }
}
