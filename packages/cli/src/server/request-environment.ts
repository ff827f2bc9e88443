/** What is known of each request before it comes to its operation. */
import type { HttpBindings } from "@hono/node-server";

export interface HostEnvironment {
  Bindings: HttpBindings;
  Variables: {
    requestId: string;
    remoteAddress: string;
    /** Of the response's content security policy. */
    nonce: string;
  };
}
