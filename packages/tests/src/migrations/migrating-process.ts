/**
 * Opens a database, and thereby migrates it, in a process of its own. Arguments: the database's path, what to do at a
 * statement (`never`, `die` or `hold`), and the number of the point. It says when it begins, when it holds (it goes on
 * when it is written a line), and in the end how many points it passed and how many tables and indexes it changed.
 */
import { readSync, writeSync } from "node:fs";
import { openDatabase } from "@millrace/db";
import { atEveryStatement } from "./statement-points.ts";

const [path = "", action = "never", at = ""] = process.argv.slice(2);
let passed = 0;
let changes = 0;

const say = (line: string) => writeSync(1, `${line}\n`);

atEveryStatement((point, sql) => {
  passed = point;
  if (/^(create|alter|drop) /.test(sql)) changes += 1;
  if (sql === "BEGIN IMMEDIATE") say("beginning");
  if (String(point) !== at) return;
  if (action === "die") process.kill(process.pid, "SIGKILL");
  if (action !== "hold") return;
  say("holding");
  readSync(0, Buffer.alloc(1));
});

try {
  const database = await openDatabase(`sqlite:${path}`, { busyTimeoutMs: 30_000 });
  await database.close();
  say(`opened ${JSON.stringify({ passed, changes })}`);
} catch (error) {
  say(`refused ${error instanceof Error ? `${error.name}: ${error.message}` : String(error)}`);
}
