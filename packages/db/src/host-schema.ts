/** The tables of the host as Kysely sees them. Times are Unix milliseconds UTC; JSON columns hold JSON text. */
import type { AccessTokenId, AuditEntryId, PlatformId } from "./ids.ts";
import type { AccessRole, AuditChannel, AuditOutcome } from "./statuses.ts";

export interface AuditEntryTable {
  id: AuditEntryId;
  platform_id: PlatformId;
  at: number;
  actor: string;
  channel: AuditChannel;
  action: string;
  subject_type: string;
  subject_id: string;
  details: string | null;
  outcome: AuditOutcome | null;
  message: string | null;
  completed_at: number | null;
}

export interface AccessTokenTable {
  id: AccessTokenId;
  platform_id: PlatformId;
  name: string;
  role: AccessRole;
  digest: string;
  created_at: number;
  created_by: string | null;
  expires_at: number | null;
  revoked_at: number | null;
}

export interface HostSchema {
  audit_entries: AuditEntryTable;
  access_tokens: AccessTokenTable;
}
