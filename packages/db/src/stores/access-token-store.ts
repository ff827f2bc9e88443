/** Access tokens: who may use the host, and for what. A token itself is never stored, only its digest. */
import type { Selectable } from "kysely";
import { prepareQuery } from "../compiled-query.ts";
import type { Database, Transaction } from "../database.ts";
import { NotFoundError } from "../errors.ts";
import type { AccessTokenTable } from "../host-schema.ts";
import { DEFAULT_PLATFORM_ID, type AccessTokenId, type PlatformId } from "../ids.ts";
import type { AccessRole } from "../statuses.ts";

export interface AccessToken {
  id: AccessTokenId;
  platformId: PlatformId;
  /** What it is called; several may be called the same. */
  name: string;
  role: AccessRole;
  /** The SHA-256 of the token, as 64 hexadecimal digits. */
  digest: string;
  createdAt: number;
  createdBy: string | null;
  /** From when on it is good for nothing, in Unix milliseconds; null for never. */
  expiresAt: number | null;
  /** Since when it is good for nothing. */
  revokedAt: number | null;
}

export type NewAccessToken = Pick<AccessToken, "name" | "role" | "digest"> &
  Partial<Pick<AccessToken, "platformId" | "createdBy" | "expiresAt">>;

function toAccessToken(row: Selectable<AccessTokenTable>): AccessToken {
  return {
    id: row.id,
    platformId: row.platform_id,
    name: row.name,
    role: row.role,
    digest: row.digest,
    createdAt: row.created_at,
    createdBy: row.created_by,
    expiresAt: row.expires_at,
    revokedAt: row.revoked_at,
  };
}

const byDigest = prepareQuery<{ digest: string }>()((queries, argument) =>
  queries.selectFrom("access_tokens").selectAll().where("digest", "=", argument("digest")),
);

export class AccessTokenStore {
  private readonly database: Database;

  constructor(database: Database) {
    this.database = database;
  }

  /** @throws ConstraintViolationError when there is a token of this digest, and for a digest that is not one */
  async create(token: NewAccessToken, now: number, tx?: Transaction): Promise<AccessToken> {
    const row: AccessTokenTable = {
      id: this.database.newId<AccessTokenId>(),
      platform_id: token.platformId ?? DEFAULT_PLATFORM_ID,
      name: token.name,
      role: token.role,
      digest: token.digest,
      created_at: now,
      created_by: token.createdBy ?? null,
      expires_at: token.expiresAt ?? null,
      revoked_at: null,
    };
    await this.database.write(({ executor }) => executor.insertInto("access_tokens").values(row).execute(), tx);
    return toAccessToken(row);
  }

  /** The token of this digest, good or not: whether it has expired or been revoked is for the caller to see. */
  async findByDigest(digest: string, tx?: Transaction): Promise<AccessToken | null> {
    const row = await this.database.read((executor) => byDigest.first(executor, { digest }), tx);
    return row ? toAccessToken(row) : null;
  }

  /** A platform's tokens, newest first, with those that are good for nothing. */
  async list(platformId: PlatformId = DEFAULT_PLATFORM_ID, tx?: Transaction): Promise<AccessToken[]> {
    const rows = await this.database.read(
      (executor) =>
        executor
          .selectFrom("access_tokens")
          .selectAll()
          .where("platform_id", "=", platformId)
          .orderBy("id", "desc")
          .execute(),
      tx,
    );
    return rows.map(toAccessToken);
  }

  /** Makes a token good for nothing; one that was revoked stays as it is. @throws NotFoundError */
  async revoke(id: AccessTokenId, now: number, tx?: Transaction): Promise<void> {
    const result = await this.database.write(
      ({ executor }) =>
        executor
          .updateTable("access_tokens")
          .set((expression) => ({ revoked_at: expression.fn.coalesce("revoked_at", expression.val(now)) }))
          .where("id", "=", id)
          .executeTakeFirst(),
      tx,
    );
    if (result.numUpdatedRows === 0n) throw new NotFoundError("access_tokens", id);
  }
}
