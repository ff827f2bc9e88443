/** Who asks, as their credential says. */
import type { AccessRole, PlatformId } from "@millrace/db";

export interface Principal {
  /** The name that decisions and the audit are recorded under. */
  name: string;
  role: AccessRole;
  /** The platform (tenant) that they belong to: they see nothing of another. */
  platformId: PlatformId;
  channel: "dashboard" | "api";
}
