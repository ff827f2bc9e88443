/** Rows whose JSON another program has broken are looked at over HTTP: each is named, and none hides another. */
import { join } from "node:path";
import { CorruptRowError, DEFAULT_PLATFORM_ID, type RunId } from "@millrace/db";
import Sqlite from "better-sqlite3";
import { z } from "zod";
import * as fc from "fast-check";
import { faultsOf } from "../support/api-answers.ts";
import { jsonOf, type Reply } from "../support/api-client.ts";
import type { ApiDocument, ApiOperation } from "../support/api-document.ts";
import { exampleOf, toSent } from "../support/api-examples.ts";
import { ApiStage } from "../support/api-stage.ts";
import { ApiWorld, worldOptions, type Ids } from "../support/api-world.ts";
import { fuzz, type FuzzTarget, type Verdict } from "./fuzz-target.ts";
import { brokenJson, JSON_COLUMNS, type JsonColumn } from "./json-columns.ts";

/** What only looks, and is no stream. */
const isLook = ({ method, id }: ApiOperation) => method === "GET" && id !== "streamChanges";
/** What shows one thing, which may be the broken one; everything else has to come, whatever is broken. */
const SHOWS_ONE =
  /^(show(Workflow|WorkflowVersion|Input|Output|Run|Event|Job|Execution)|planReplay|list(Topics|ProducerDecisions|RunLogs|ExecutionLogs))$/;

const named = z.object({ type: z.literal("urn:millrace:problem:unreadable"), detail: z.string() });

/** A host with something of everything, in which rows are broken and mended. */
export class BrokenRows {
  private readonly stage: ApiStage;
  private readonly api: ApiDocument;
  private readonly ids: Ids;
  private readonly world: ApiWorld;
  private readonly file: Sqlite.Database;

  private constructor(stage: ApiStage, api: ApiDocument, world: ApiWorld, ids: Ids) {
    this.stage = stage;
    this.api = api;
    this.world = world;
    this.ids = ids;
    this.file = new Sqlite(join(stage.folder, "millrace.sqlite"));
  }

  static async open(): Promise<BrokenRows> {
    const stage = await ApiStage.open({ engine: worldOptions() });
    const world = new ApiWorld(stage);
    const ids = await world.everything();
    const api = await stage.document();
    for (const id of ["pauseJob", "replayRun"]) {
      const operation = api.operation(id);
      await stage.send(toSent(operation, await exampleOf(operation, world, ids, stage)));
    }
    const { id: workflowId } = await stage.engine.workflowByName("shop");
    await stage.stores.handlerStates.saveState({ workflowId, handlerName: "pay" }, { seen: 1 }, null, 1);
    await stage.settle();
    return new BrokenRows(stage, api, world, ids);
  }

  /** Writes the text into the column of one row, looks at everything, and puts back what was there. */
  async look(broken: JsonColumn, row: number, text: string): Promise<Verdict> {
    const { table, column, id: name } = broken;
    const count = Number(this.file.prepare(`select count(*) from ${table}`).pluck().get());
    if (count === 0) throw new Error(`There is no row of ${table} to break.`);
    const chosen = this.file
      .prepare<[number], { rowid: number; name: string; was: string | null }>(
        `select rowid, ${name} as name, ${column} as was from ${table} order by rowid desc limit 1 offset ?`,
      )
      .get(row % count);
    if (!chosen) throw new Error("The row went away.");
    const write = this.file.prepare(`update ${table} set ${column} = ? where rowid = ?`);
    write.run(text, chosen.rowid);
    try {
      const refusals = await this.lookAtEverything(`The column ${column} of ${table} row ${chosen.name} `);
      return refusals > 0 ? "refused" : "accepted";
    } finally {
      write.run(chosen.was, chosen.rowid);
    }
  }

  /** How much was refused because of the row that is named. */
  private async lookAtEverything(fault: string): Promise<number> {
    let refusals = 0;
    for (const operation of this.api.operations.filter(isLook)) {
      const example = await exampleOf(operation, this.world, this.ids, this.stage);
      const reply = await this.stage.send(toSent(operation, example));
      const told = named.safeParse(reply.status === 500 ? jsonOf(reply) : null);
      const isRefusal = SHOWS_ONE.test(operation.id) && told.success && told.data.detail.startsWith(fault);
      if (isRefusal) refusals += 1;
      const faults = this.faultsIn(operation, reply, isRefusal);
      if (faults.length > 0)
        throw new Error(`${operation.id} with a row where ${fault.trim()} is broken: ${faults.join("; ")}`);
    }
    for (const look of this.embeddedLooks()) await look();
    for (const look of [() => this.stage.engine.workflowDetails("shop"), () => this.stage.engine.run(this.runId)]) {
      await look().catch((error: unknown) => {
        if (!(error instanceof CorruptRowError && error.message.startsWith(fault))) throw error;
        refusals += 1;
      });
    }
    return refusals;
  }

  /** What programs that embed the engine, and the command line, ask for: all of it is there, whatever is broken. */
  private embeddedLooks(): (() => Promise<unknown>)[] {
    const { engine } = this.stage;
    return [
      () => engine.status(),
      () => engine.workflows(),
      () => engine.runs(),
      () => engine.findRun(this.runId),
      () => engine.outputs(),
      () => engine.inputs(),
      () => engine.events(),
      () => engine.needsAttention(),
      () => engine.diagnose(true),
      () => engine.audit(),
      () => engine.runLogs(),
      () => engine.jobs.listJobs(),
      () => engine.jobs.listDeadLetters(),
      () => engine.jobs.healthCheck(),
      () => engine.upcomingRuns(DEFAULT_PLATFORM_ID, { withinMs: 1e12, limit: 100 }),
      () => engine.findJob(this.ids.job),
      () => engine.findExecution(this.ids.execution),
      () => engine.refresh(),
    ];
  }

  // The world gives the ids of what it has made.
  private get runId(): RunId {
    return this.ids.run as RunId;
  }

  private faultsIn(operation: ApiOperation, reply: Reply, isRefusal: boolean): string[] {
    const faults = faultsOf(this.api, operation, reply);
    if (isRefusal) return faults.filter((fault) => fault !== "it failed");
    return reply.status >= 400 ? [`${reply.status}: ${reply.text.slice(0, 300)}`, ...faults] : faults;
  }

  async close(): Promise<void> {
    this.file.close();
    await this.stage.close();
  }
}

export const jsonColumns: FuzzTarget = {
  name: "json-columns",
  async run(options) {
    const rows = await BrokenRows.open();
    try {
      const input = fc.tuple(fc.constantFrom(...JSON_COLUMNS), fc.nat({ max: 5 }), brokenJson);
      return await fuzz("json-columns", options, input, ([column, row, text]) => rows.look(column, row, text));
    } finally {
      await rows.close();
    }
  },
};
