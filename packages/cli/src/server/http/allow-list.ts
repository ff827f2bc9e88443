/**
 * Which names the host answers to, and whose pages may talk to it. A page of another site can make a browser send
 * requests to loopback, even under a name of its own (DNS rebinding): such requests are refused before anything else.
 */
import { RefusedError } from "../problem.ts";

const OWN_NAMES = ["127.0.0.1", "localhost", "[::1]"];

export class AllowList {
  private readonly names: readonly string[];
  private readonly ownNames: readonly string[];
  private hosts: ReadonlySet<string> = new Set();

  /**
   * @param names as `example.org` or `example.org:8443`
   * @param ownName where it listens on loopback, if that is not one of the usual names; good at its port alone, for at
   * another something else may listen
   */
  constructor(names: readonly string[], ownName?: string) {
    this.names = names;
    this.ownNames = ownName === undefined ? OWN_NAMES : [...OWN_NAMES, ownName];
  }

  /** Nothing is answered before it is known at which port. */
  listenAt(port: number): void {
    const own = this.ownNames.map((name) => (port === 80 ? name : `${name}:${port}`));
    // A name without a port is also reached at this one, and behind a proxy at the port of its scheme.
    const others = this.names.flatMap((name) => (/(^|[^:]):\d+$/.test(name) ? [name] : [name, `${name}:${port}`]));
    this.hosts = new Set([...own, ...others].map((host) => host.toLowerCase()));
  }

  /** @throws RefusedError */
  check(request: Request): void {
    const { headers, method, url } = request;
    // A request line may name a host of its own, beside the header.
    const names = [headers.get("host") ?? "", new URL(url).host];
    if (!names.every((name) => this.allows(name))) {
      throw new RefusedError(
        "misdirected-request",
        "This host does not answer to that name. Allow it with --allowed-host.",
      );
    }
    const origin = headers.get("origin");
    if (origin !== null && !this.allowsOrigin(origin)) {
      throw new RefusedError("forbidden", "Pages of another origin may not use this host.");
    }
    // Browsers say so themselves; `none` is a person who typed the address or followed a bookmark.
    const site = headers.get("sec-fetch-site");
    const isNavigation = method === "GET" && headers.get("sec-fetch-mode") === "navigate";
    if (site !== null && site !== "same-origin" && site !== "none" && !isNavigation) {
      throw new RefusedError("forbidden", "Pages of another site may not use this host.");
    }
  }

  private allows(name: string): boolean {
    const host = name.toLowerCase();
    return this.hosts.has(host) || this.hosts.has(host.replace(/:(80|443)$/, ""));
  }

  private allowsOrigin(origin: string): boolean {
    const parsed = URL.parse(origin);
    return parsed !== null && /^https?:$/.test(parsed.protocol) && this.allows(parsed.host);
  }
}

/** Whether a browser says that a request comes from the host's own pages. */
export function isFromOwnPage({ headers }: Request): boolean {
  // Both were checked above where they are there.
  return headers.get("origin") !== null || headers.get("sec-fetch-site") === "same-origin";
}
