/** What a role may do. */
import type { AccessRole } from "@millrace/db";
import type { Access } from "../contract/operation.ts";

/** Which roles an operation's access lets in; a role that is not named is kept out. */
const LET_IN: Record<Exclude<Access, "public">, readonly AccessRole[]> = {
  viewer: ["viewer", "operator"],
  operator: ["operator"],
  publisher: ["publisher", "operator"],
};

export function mayUse(role: AccessRole, access: Exclude<Access, "public">): boolean {
  return LET_IN[access].includes(role);
}
