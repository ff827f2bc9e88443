/** A host that is sent what nobody means: each answer is one that is described, and what is refused changes nothing. */
import { faultsOf } from "../support/api-answers.ts";
import type { Reply, Sent } from "../support/api-client.ts";
import type { ApiDocument, ApiOperation } from "../support/api-document.ts";
import { readRows, type Rows } from "../support/api-rows.ts";
import { ApiStage } from "../support/api-stage.ts";
import { ApiWorld, worldOptions, type Ids } from "../support/api-world.ts";
import type { Verdict } from "./fuzz-target.ts";

/** No answer takes as long, however slow the machine is. */
const LONGEST_MS = 15_000;

export class HttpStage {
  readonly stage: ApiStage;
  readonly world: ApiWorld;
  readonly ids: Ids;
  readonly api: ApiDocument;

  private constructor(stage: ApiStage, world: ApiWorld, ids: Ids, api: ApiDocument) {
    this.stage = stage;
    this.world = world;
    this.ids = ids;
    this.api = api;
  }

  static async open(bodyBytes = 20_000): Promise<HttpStage> {
    const stage = await ApiStage.open({ engine: worldOptions(), host: { bodyBytes } });
    const world = new ApiWorld(stage);
    const ids = await world.everything();
    return new HttpStage(stage, world, ids, await stage.document());
  }

  /** Sends it, and holds the answer against the document, and the database against what it was. */
  async ask(operation: ApiOperation, sent: Sent, mustRefuse = false, token?: string | null): Promise<Verdict> {
    await this.stage.settle();
    const before = this.rows();
    const reply = await inTime(this.stage.send(sent, token));
    const faults = faultsOf(this.api, operation, reply);
    if (faults.length > 0) throw new Error(`${operation.id}: ${faults.join("; ")}`);
    if (reply.status < 400) {
      if (mustRefuse) throw new Error(`${operation.id} took it: ${reply.status} ${reply.text.slice(0, 200)}`);
      return "accepted";
    }
    assertProblem(operation, reply);
    assertSame(before, this.rows());
    // Whoever guesses has to wait, with all who come after them.
    if ([401, 429].includes(reply.status)) await this.stage.restartHost();
    return "refused";
  }

  /** All rows but the audit's, which has what was refused as well. */
  rows(): Rows {
    const { audit_entries: _audit, ...rows } = readRows(this.stage);
    return rows;
  }

  /** A request as it goes over the wire; its connection ends with the answer. */
  written({ method, path, headers = {}, body }: Sent, isChunked: boolean): string {
    const text = body === undefined ? "" : typeof body === "string" ? body : JSON.stringify(body);
    const lines = Object.entries({
      Host: `127.0.0.1:${this.stage.port}`,
      Authorization: `Bearer ${this.stage.tokens.operator}`,
      ...(text !== "" && { "Content-Type": "application/json" }),
      ...(text !== "" && (isChunked ? { "Transfer-Encoding": "chunked" } : { "Content-Length": String(text.length) })),
      ...headers,
      Connection: "close",
    }).map(([name, value]) => `${name}: ${value}`);
    const sent = isChunked && text !== "" ? `${text.length.toString(16)}\r\n${text}\r\n0\r\n\r\n` : text;
    return `${method} ${path} HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n${sent}`;
  }

  async assertLives(): Promise<void> {
    const { status } = await inTime(this.stage.get("/healthz"));
    if (status !== 200) throw new Error(`The host does not live any more: ${status}`);
  }

  close(): Promise<void> {
    return this.stage.close();
  }
}

export function assertSame(before: Rows, after: Rows): void {
  for (const [table, rows] of Object.entries(before)) {
    if (JSON.stringify(rows) !== JSON.stringify(after[table])) throw new Error(`It was refused, and changed ${table}.`);
  }
}

function assertProblem({ id }: ApiOperation, { status, headers, text }: Reply): void {
  const [type] = (headers["content-type"] ?? "").split(";");
  if (status >= 500) throw new Error(`${id} answers ${status}: ${text.slice(0, 300)}`);
  if (type !== "application/problem+json") throw new Error(`${id} answers ${status} as ${type}.`);
}

async function inTime<Result>(answer: Promise<Result>): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error("No answer came.")), LONGEST_MS);
  });
  try {
    return await Promise.race([answer, tooLate]);
  } finally {
    clearTimeout(timer);
  }
}
