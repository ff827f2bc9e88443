import { mkdirSync, renameSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Bench, type RunningProcess } from "../testing/command-line-test.ts";

const PACKAGES = fileURLToPath(new URL("../../node_modules", import.meta.url));

let bench: Bench;

beforeEach(() => {
  bench = new Bench();
  symlinkSync(PACKAGES, join(bench.folder, "node_modules"));
  save("package.json", JSON.stringify({ type: "module" }));
});
afterEach(() => bench.dispose());

/** As editors do: the file is there as a whole or as it was before. */
function save(name: string, content: string): void {
  const path = join(bench.folder, name);
  writeFileSync(`${path}.part`, content);
  renameSync(`${path}.part`, path);
}

/** A workflow that says a text when it is deployed, for its schedule is of another interval each time. */
const workflow = (name: string, text: string, interval = "1h") => `
  import { defineWorkflow } from "@millrace/agent";
  import { greeting } from "./parts/greeting.ts";
  const handler = async (ctx) => ctx.log("info", \`\${greeting}: ${text}\`);
  export const workflow = defineWorkflow({
    name: "${name}",
    topics: {},
    producers: (producer) => ({
      say: producer({ publishes: [], schedule: { interval: "${interval}" }, handler }),
    }),
  });`;

const greeting = (text: string) => `export const greeting = "${text}";`;

async function startDev(): Promise<RunningProcess> {
  mkdirSync(join(bench.folder, "parts"));
  save("parts/greeting.ts", greeting("hello"));
  save("workflows.ts", workflow("first", "world"));
  const running = bench.start("dev", join(bench.folder, "workflows.ts"), "--port", "0");
  await running.line("watches what you save");
  return running;
}

async function end(running: RunningProcess): Promise<void> {
  running.signal("SIGTERM");
  expect((await running.ended).exitCode).toBe(0);
}

describe("dev", () => {
  test("serves the workflows of a file and runs what is saved", async () => {
    const running = await startDev();
    expect(await running.line("The dashboard: ")).toMatch(/http:\/\/127\.0\.0\.1:\d+\/#login=/);
    await running.line("hello: world");
    save("workflows.ts", workflow("first", "moon", "2h"));
    await running.line("workflows.ts was saved: runs the new version");
    await running.line("hello: moon");
    await end(running);
    expect(await bench.json("workflows", "show", "first")).toMatchObject({ versions: [{}, {}] });
  });

  test("takes up a module that the file imports", async () => {
    const running = await startDev();
    await running.line("hello: world");
    save("parts/greeting.ts", greeting("good evening"));
    await running.line("parts/greeting.ts was saved: runs the new version");
    save("workflows.ts", workflow("first", "moon", "2h"));
    await running.line("good evening: moon");
    await end(running);
  });

  test("shows a mistake, lets the version before go on, and takes up what mends it", async () => {
    const running = await startDev();
    save("parts/greeting.ts", "export const greeting = ;");
    expect(await running.line("The version before goes on.")).toContain("workflows.ts can't be loaded");
    expect((await bench.run("status")).stdout).toContain("first");
    save("parts/greeting.ts", greeting("hi"));
    await running.line("parts/greeting.ts was saved: runs the new version");
    await end(running);
  });

  test("says that a workflow which is gone goes on until the next start", async () => {
    const running = await startDev();
    save("workflows.ts", workflow("second", "moon"));
    await running.line('workflows.ts has no workflow "first" any more');
    await running.line("hello: moon");
    await end(running);
  });

  test("ends with 1 when there is nothing to begin with", async () => {
    const running = bench.start("dev", join(bench.folder, "missing.ts"), "--port", "0");
    const { exitCode, stderr } = await running.ended;
    expect(exitCode).toBe(1);
    expect(stderr).toContain("missing.ts can't be read");
  });
});
