/** Secrets that the host makes, and how they are compared: by digest, so that nothing is learnt from how long it takes. */
import { createHash, randomBytes, timingSafeEqual } from "node:crypto";

/** 256 random bits, to be written anywhere. */
export const newSecret = (): string => randomBytes(32).toString("base64url");

/** The SHA-256 of a secret, in hexadecimal digits. */
export const digestOf = (secret: string): string => createHash("sha256").update(secret).digest("hex");

/** Whether this is the secret of the digest. */
export function matches(secret: string, digest: string): boolean {
  return timingSafeEqual(Buffer.from(digestOf(secret), "hex"), Buffer.from(digest, "hex"));
}
