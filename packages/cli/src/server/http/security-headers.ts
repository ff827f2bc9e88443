/**
 * The headers of every response. They are written here and not by hono's middleware, because responses that never come
 * as far as hono (a malformed request, a timeout) have them too.
 */
import { randomBytes } from "node:crypto";

/** Allows an inline style that the dashboard's own code makes, and nothing else inline. */
export const newNonce = (): string => randomBytes(16).toString("base64url");

export interface SecurityHeaderOptions {
  nonce: string;
  /** Whether the host is reached over https. */
  isSecure: boolean;
}

export function securityHeaders({ nonce, isSecure }: SecurityHeaderOptions): Record<string, string> {
  return {
    "Content-Security-Policy": contentSecurityPolicy(nonce),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    ...(isSecure && { "Strict-Transport-Security": "max-age=31536000" }),
  };
}

function contentSecurityPolicy(nonce: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; ");
}
