/** Which network addresses a connector may talk to: decided on the address that is really connected to. */
import { lookup as systemLookup } from "node:dns";
import type { LookupFunction } from "node:net";
import ipaddr from "ipaddr.js";
import { PermissionError } from "../errors.ts";

export interface AddressPolicy {
  /** Allow loopback, private, link-local and other addresses that are not on the public internet. */
  allowPrivateAddresses: boolean;
  /** Host names or addresses that are allowed wherever they are, as `bareHost` gives them. */
  allowHosts: ReadonlySet<string>;
}

/** What a user says about addresses. */
export interface AddressOptions {
  /** Allow loopback, private and link-local addresses. Default false. */
  allowPrivateAddresses?: boolean;
  /** Host names or addresses that are allowed wherever they are. */
  allowHosts?: readonly string[];
}

export function addressPolicy({ allowPrivateAddresses = false, allowHosts = [] }: AddressOptions): AddressPolicy {
  return { allowPrivateAddresses, allowHosts: new Set(allowHosts.map(bareHost)) };
}

/** All that is global unicast by assignment; ipaddr.js calls unassigned space "unicast" too. */
const GLOBAL_IPV6 = ipaddr.IPv6.parseCIDR("2000::/3");

/** Whether an address is on the public internet. An IPv6 address that is mapped from an IPv4 one is as public as that. */
export function isPublicAddress(address: string): boolean {
  if (!ipaddr.isValid(address)) return false;
  // `process` turns IPv4-mapped IPv6 addresses into the IPv4 ones that they stand for.
  const parsed = ipaddr.process(address);
  if (parsed.range() !== "unicast") return false;
  return parsed instanceof ipaddr.IPv4 || parsed.match(GLOBAL_IPV6);
}

/** @throws PermissionError when the host is an address that is not allowed */
export function checkHost(hostname: string, policy: AddressPolicy): void {
  const address = bareHost(hostname);
  if (ipaddr.isValid(address)) checkAddress(address, hostname, policy);
}

/** A lookup for sockets that refuses to resolve a name to an address that is not allowed. */
export function guardedLookup(policy: AddressPolicy): LookupFunction {
  return (hostname, options, callback) => {
    systemLookup(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) return callback(error, "", 0);
      try {
        for (const { address } of addresses) checkAddress(address, hostname, policy);
      } catch (refused) {
        // checkAddress throws nothing but errors.
        return callback(refused as Error, "", 0);
      }
      const [first] = addresses;
      if (options.all) return callback(null, addresses);
      return first ? callback(null, first.address, first.family) : callback(notFound(hostname), "", 0);
    });
  };
}

function checkAddress(address: string, hostname: string, policy: AddressPolicy): void {
  const allowed = policy.allowPrivateAddresses || policy.allowHosts.has(bareHost(hostname)) || isPublicAddress(address);
  if (allowed) return;
  throw new PermissionError(
    `${hostname} is at ${address}, which is not on the public internet. Set allowPrivateAddresses, or name it in allowHosts, if that is meant.`,
  );
}

/** A host as it is compared: without the brackets of an IPv6 address, in small letters. */
function bareHost(hostname: string): string {
  return hostname.replace(/^\[|\]$/g, "").toLowerCase();
}

function notFound(hostname: string): Error {
  return Object.assign(new Error(`${hostname} has no address`), { code: "ENOTFOUND" });
}
