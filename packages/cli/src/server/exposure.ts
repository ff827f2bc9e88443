/** Who can reach the host, and what it asks for before it lets itself be reached. */
import { BlockList, isIP } from "node:net";
import { MillraceError } from "@millrace/agent";
import type { AccessToken } from "@millrace/db";

/** The host can't be started like this. */
export class HostConfigurationError extends MillraceError {}

const LEAST_TOKEN_LENGTH = 32;

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet("127.0.0.0", 8);
LOOPBACK.addAddress("::1", "ipv6");

/** Whether only this machine reaches a name or an address. */
export function isLoopback(hostname: string): boolean {
  const version = isIP(hostname);
  return version === 0 ? hostname === "localhost" : LOOPBACK.check(hostname, version === 6 ? "ipv6" : "ipv4");
}

export interface Exposure {
  hostname: string;
  allowedHosts: readonly string[];
  /** The token that was configured. */
  token: string | undefined;
  accessTokens: readonly AccessToken[];
  now: number;
}

/** @throws HostConfigurationError */
export function assertMayListen({ hostname, allowedHosts, token, accessTokens, now }: Exposure): void {
  if (token !== undefined && token.length < LEAST_TOKEN_LENGTH) {
    throw new HostConfigurationError(
      `The token of the host has ${token.length} characters and can be guessed. Give it at least ${LEAST_TOKEN_LENGTH}, for example from "openssl rand -base64 32".`,
    );
  }
  if (isLoopback(hostname)) return;
  const hasPerson = accessTokens.some(
    ({ role, revokedAt, expiresAt }) =>
      role !== "publisher" && revokedAt === null && (expiresAt === null || now < expiresAt),
  );
  const reach = `${hostname} can be reached from other machines`;
  if (token === undefined && !hasPerson) {
    throw new HostConfigurationError(
      `${reach}, and nobody has a way to say who they are. Set MILLRACE_TOKEN, or make an access token with "millrace tokens create", first.`,
    );
  }
  if (allowedHosts.length === 0) {
    throw new HostConfigurationError(
      `${reach}. Name the hosts that it is reached as (--allowed-host example.org), so that it answers to no other name.`,
    );
  }
}
