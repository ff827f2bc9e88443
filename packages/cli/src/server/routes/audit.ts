/** The audit: every action by a person. */
import type { AuditEntryId } from "@millrace/db";
import { z } from "zod";
import { listAudit } from "../contract/overview.ts";
import { implement } from "../implementation.ts";
import { RefusedError } from "../problem.ts";

const DEFAULT_LIMIT = 50;

export const AUDIT_IMPLEMENTATIONS = [
  implement(listAudit, async ({ query }, { stores, principal }) => {
    const { cursor, limit = DEFAULT_LIMIT, ...asked } = query;
    const filter = Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== undefined));
    const entries = await stores.audit.list({
      ...filter,
      platformId: principal.platformId,
      ...(cursor !== undefined && { before: readCursor(cursor) }),
      // One more than the page has, so that an end is known to be one.
      limit: limit + 1,
    });
    const items = entries.slice(0, limit);
    return { items, nextCursor: entries.length > limit ? (items.at(-1)?.id ?? null) : null };
  }),
];

function readCursor(cursor: string): AuditEntryId {
  if (z.uuid().safeParse(cursor).success) {
    // A cursor that looks like an id and names no entry does no harm.
    return cursor as AuditEntryId;
  }
  const message = "is none of this list";
  throw new RefusedError("malformed-request", `The cursor ${message}.`, {
    faults: [{ path: "query.cursor", message }],
  });
}
