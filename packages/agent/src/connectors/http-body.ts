/** What the bytes of an HTTP answer say: unpacked, decoded, parsed. */
import { promisify } from "node:util";
import { brotliDecompress, gunzip, inflate } from "node:zlib";

const UNPACKERS = new Map([
  ["gzip", promisify(gunzip)],
  ["x-gzip", promisify(gunzip)],
  ["deflate", promisify(inflate)],
  ["br", promisify(brotliDecompress)],
]);

/** Undoes the compression of a body. Null if it can't be undone, or is larger than `maxBytes` then. */
export async function unpack(body: Buffer, encoding: string | undefined, maxBytes: number): Promise<Buffer | null> {
  const name = encoding?.trim().toLowerCase() ?? "";
  if (body.length === 0 || name === "" || name === "identity") return body;
  const unpacker = UNPACKERS.get(name);
  try {
    return unpacker ? await unpacker(body, { maxOutputLength: maxBytes }) : null;
  } catch {
    // Whoever sent it says that it is packed so, and it is not, or it is too large: there is no body to give.
    return null;
  }
}

/** Reads text in the character set that the content type names; in UTF-8 where it names none, or an unknown one. */
export function decodeText(body: Buffer, contentType = ""): string {
  return textDecoder(charsetOf(contentType)).decode(body);
}

/** The character set that a content type names. */
function charsetOf(contentType: string): string | null {
  return /;\s*charset\s*=\s*"?([^\s";]+)/i.exec(contentType)?.[1] ?? null;
}

function textDecoder(charset: string | null): InstanceType<typeof TextDecoder> {
  try {
    return new TextDecoder(charset ?? "utf-8");
  } catch {
    // The only thing that can be wrong is the name of the character set.
    return new TextDecoder();
  }
}
