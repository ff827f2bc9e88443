/**
 * Serves the dashboard's built files.
 *
 * Invariants:
 * 1. What is served is what was found when the host started: a request's path is looked up among their names, and never
 *    becomes a path on the disk.
 * 2. The page carries the nonce of its response's content security policy, so it is never kept by anybody.
 */
import { readdir, readFile } from "node:fs/promises";
import { extname, join, relative, sep } from "node:path";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";
import { getMimeType } from "hono/utils/mime";

type Encoding = "br" | "gzip";

interface StaticFile {
  contentType: string;
  cacheControl: string;
  plain: Uint8Array<ArrayBuffer>;
  compressed: Partial<Record<Encoding, Uint8Array<ArrayBuffer>>>;
}

const PAGE = "/index.html";
const NONCE_PLACE = '<meta name="csp-nonce" content=""';
/** Less is not worth it. */
const LEAST_COMPRESSED_BYTES = 1_024;
const IMMUTABLE = "public, max-age=31536000, immutable";

const NOT_BUILT = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Millrace</title></head>
<body><h1>The dashboard is not built</h1><p>Run <code>pnpm build</code>, then start the host again. The API is here all the same.</p></body>
</html>
`;

const [compressBrotli, compressGzip] = [promisify(brotliCompress), promisify(gzip)];

export class StaticFiles {
  private readonly files: ReadonlyMap<string, StaticFile>;
  private readonly page: string;

  private constructor(files: ReadonlyMap<string, StaticFile>, page: string) {
    this.files = files;
    this.page = page;
  }

  /** Reads a folder of built files; without one there is a page that says so. */
  static async read(folder: string): Promise<StaticFiles> {
    const contents: [name: string, plain: Uint8Array<ArrayBuffer>][] = [];
    // One after another: together they are more files than a process may have open on some systems.
    for (const name of await namesIn(folder))
      contents.push([name, Uint8Array.from(await readFile(join(folder, name)))]);
    const files = await Promise.all(
      contents.map(
        async ([name, plain]) => [`/${name.split(sep).join("/")}`, await asStaticFile(name, plain)] as const,
      ),
    );
    const found = new Map(files);
    const page = found.get(PAGE);
    return new StaticFiles(found, page ? new TextDecoder().decode(page.plain) : NOT_BUILT);
  }

  /** The response to a GET of this path; null when there is nothing here for it. */
  respond(path: string, headers: Headers, nonce: string): Response | null {
    const file = path === PAGE ? undefined : this.files.get(path);
    if (file !== undefined) return fileResponse(file, headers.get("accept-encoding") ?? "");
    if (path !== PAGE && !isAddressOfPage(path, headers)) return null;
    const body = this.page.replace(NONCE_PLACE, NONCE_PLACE.replace('content=""', `content="${nonce}"`));
    return new Response(body, { headers: { "Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store" } });
  }
}

/** What looks like a file is one that is not there, unless a person goes to it; what steers a path is nobody's address. */
function isAddressOfPage(path: string, headers: Headers): boolean {
  if (/\.\.|\\|%(2e|2f|5c|25|00)/i.test(path)) return false;
  return !path.includes(".") || (headers.get("accept") ?? "").includes("text/html");
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    return entries
      .filter((entry) => entry.isFile())
      .map((entry) => relative(folder, join(entry.parentPath, entry.name)));
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
    throw error;
  }
}

async function asStaticFile(name: string, plain: Uint8Array<ArrayBuffer>): Promise<StaticFile> {
  const contentType = getMimeType(name) ?? "application/octet-stream";
  return {
    contentType,
    // The names of these files change with their content.
    cacheControl: name.startsWith(`assets${sep}`) ? IMMUTABLE : "no-cache",
    plain,
    compressed: isCompressible(name, plain) ? await compress(plain) : {},
  };
}

const isCompressible = (name: string, { length }: Uint8Array) =>
  length >= LEAST_COMPRESSED_BYTES && [".js", ".css", ".svg", ".json", ".html", ".txt"].includes(extname(name));

async function compress(plain: Uint8Array): Promise<StaticFile["compressed"]> {
  // The best level takes seconds for a large file, and gains little.
  const [br, gz] = await Promise.all([
    compressBrotli(plain, { params: { [constants.BROTLI_PARAM_QUALITY]: 7 } }),
    compressGzip(plain),
  ]);
  return { br: Uint8Array.from(br), gzip: Uint8Array.from(gz) };
}

function fileResponse({ contentType, cacheControl, plain, compressed }: StaticFile, acceptEncoding: string): Response {
  const accepted = acceptEncoding.split(",").map((part) => part.trim().split(";"));
  const isAccepted = (name: Encoding) =>
    accepted.some(([coding, quality]) => coding === name && !/^\s*q=0(\.0*)?$/.test(quality ?? ""));
  const encoding = (["br", "gzip"] as const).find((name) => compressed[name] !== undefined && isAccepted(name));
  const headers = new Headers({ "Content-Type": contentType, "Cache-Control": cacheControl, Vary: "Accept-Encoding" });
  if (encoding !== undefined) headers.set("Content-Encoding", encoding);
  return new Response((encoding && compressed[encoding]) ?? plain, { headers });
}
