/** Requests to a host that are sent just as they are said: neither an address nor a header is put right. */
import { request as httpRequest, type IncomingHttpHeaders } from "node:http";
import { connect } from "node:net";

export interface Sent {
  method: string;
  /** With its query, percent-encoded. */
  path: string;
  headers?: Record<string, string>;
  /** Text and bytes are sent as they are, anything else as JSON. */
  body?: unknown;
}

export interface Reply {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
}

/** Sends a request to loopback. An event stream is read up to its first event, and then left. */
export function send(port: number, { method, path, headers = {}, body }: Sent): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const bytes = bytesOf(body);
    const request = httpRequest({ host: "127.0.0.1", port, method, path, agent: false }, (response) => {
      const { statusCode: status = 0 } = response;
      let text = "";
      const finish = () => resolve({ status, headers: response.headers, text });
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => {
        text += chunk;
        if (!isStream(response.headers) || !text.includes("\n\n")) return;
        finish();
        request.destroy();
      });
      response.on("end", finish);
      response.on("error", reject);
    });
    request.on("error", reject);
    if (bytes !== undefined && !hasHeader(headers, "content-type"))
      request.setHeader("Content-Type", "application/json");
    for (const [name, value] of Object.entries(headers)) request.setHeader(name, value);
    request.end(bytes);
  });
}

/** Sends bytes, and gives what comes back until the other side closes the connection. */
export function exchange(port: number, ...pieces: (string | Uint8Array)[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1", () => {
      for (const piece of pieces) socket.write(piece);
    });
    let received = "";
    socket.setEncoding("utf8");
    socket.on("data", (chunk: string) => (received += chunk));
    // Who is refused may be cut off while it is still sending.
    socket.on("error", (error: NodeJS.ErrnoException) =>
      ["ECONNRESET", "EPIPE"].includes(error.code ?? "") ? resolve(received) : reject(error),
    );
    socket.on("close", () => resolve(received));
  });
}

/** The JSON of a reply. */
export const jsonOf = ({ text }: Reply): unknown => JSON.parse(text);

export const bearer = (token: string): Record<string, string> => ({ Authorization: `Bearer ${token}` });

const isStream = (headers: IncomingHttpHeaders) => headers["content-type"] === "text/event-stream";

const hasHeader = (headers: Record<string, string>, name: string) =>
  Object.keys(headers).some((key) => key.toLowerCase() === name);

function bytesOf(body: unknown): string | Uint8Array | undefined {
  if (body === undefined || typeof body === "string" || body instanceof Uint8Array) return body;
  return JSON.stringify(body);
}
