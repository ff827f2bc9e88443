/** Reads a request's body as far as it may go. */
import { RefusedError } from "../problem.ts";

/** @throws RefusedError when it is larger than the limit, or its sender has gone */
export async function readBody(request: Request, limitBytes: number): Promise<Uint8Array> {
  const declared = request.headers.get("content-length");
  if (declared !== null && Number(declared) > limitBytes) throw tooLarge(limitBytes);
  try {
    // Node reads no more than was declared.
    if (declared !== null) return new Uint8Array(await request.arrayBuffer());
    return await readStream(request.body, limitBytes);
  } catch (error) {
    if (error instanceof RefusedError) throw error;
    throw new RefusedError("malformed-request", "The body did not arrive.", { headers: { Connection: "close" } });
  }
}

async function readStream(body: Request["body"], limitBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body ?? []) {
    bytes += chunk.length;
    if (bytes > limitBytes) throw tooLarge(limitBytes);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

const tooLarge = (limitBytes: number) =>
  new RefusedError("too-large", `The body is larger than ${limitBytes} bytes.`, { headers: { Connection: "close" } });
