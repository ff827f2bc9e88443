import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { loadWorkflows } from "./load-workflows.ts";
import { Bench, fixture, type Outcome } from "./testing/command-line-test.ts";

let bench: Bench;

beforeEach(() => {
  bench = new Bench();
});

afterEach(() => bench.dispose());

/** Writes a file and runs it in a process of its own, where Node itself loads it. */
async function runFile(name: string, text: string): Promise<Outcome & { path: string }> {
  const path = join(bench.folder, name);
  writeFileSync(path, text);
  return { path, ...(await bench.start("run", path, "--once").ended) };
}

describe("takes", () => {
  test("a workflow as the default export", async () => {
    const { workflows } = await loadWorkflows(fixture("payments"));
    expect(workflows.map(({ name }) => name)).toEqual(["payments"]);
  });

  test("workflows with a policy as the default export", async () => {
    const { workflows, policy } = await loadWorkflows(fixture("letters"));
    expect(workflows.map(({ name }) => name)).toEqual(["letters", "broken"]);
    expect(policy).toEqual({ stop: { graceMs: 1_000 } });
  });

  test("workflows among other named exports", async () => {
    const { workflows } = await loadWorkflows(fixture("hanging"));
    expect(workflows.map(({ name }) => name)).toEqual(["hanging"]);
  });

  test("handlers of jobs without workflows", async () => {
    const { workflows, jobHandlers } = await loadWorkflows(fixture("jobs"));
    expect(workflows).toEqual([]);
    expect(jobHandlers?.map(({ name }) => name)).toEqual(["quick", "failing", "waiting"]);
  });

  test.each([
    { form: "a list as the default export", text: "export default [one, two];" },
    { form: "named lists", text: "export const all = [one, two];" },
    {
      form: "named workflows and connectors",
      text: "export const workflows = [one, two]; export const connectors = {};",
    },
  ])("$form", async ({ text }) => {
    const imports = `import one from ${JSON.stringify(pathToFileURL(fixture("payments")).href)};
      import { hanging as two } from ${JSON.stringify(pathToFileURL(fixture("hanging")).href)};`;
    const path = join(bench.folder, "list.ts");
    writeFileSync(path, `${imports}\n${text}`);
    const { workflows } = await loadWorkflows(path);
    expect(workflows.map(({ name }) => name)).toEqual(["payments", "hanging"]);
  });
});

describe("says what is wrong with", () => {
  test("a file that is missing", async () => {
    const { exitCode, stderr } = await bench.run("run", join(bench.folder, "missing.ts"));
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/missing\.ts can't be read\. Check its path\.\n {2}because: ENOENT/);
  });

  test("a folder", async () => {
    mkdirSync(join(bench.folder, "folder"));
    expect((await bench.run("run", join(bench.folder, "folder"))).stderr).toContain("folder is not a file");
  });

  test.each([
    {
      name: "syntax.mjs",
      text: "export const = 1;",
      message: /"node .*syntax\.mjs" shows the place\.\n {2}because: SyntaxError/,
    },
    {
      name: "throws.ts",
      text: "const a = 1;\nthrow new TypeError('no');",
      message: /because: TypeError: no \(at file:.*throws\.ts:2:\d+\)/,
    },
    {
      name: "cause.mjs",
      text: "throw new Error('no', { cause: new Error('deep') });",
      message: /because: no .*\n {2}because: deep/,
    },
    { name: "import.mjs", text: "import './nothing.js';", message: /because: Cannot find module/ },
    { name: "enum.ts", text: "export enum Color { Red }", message: /has TypeScript that Node can't run/ },
    { name: "component.tsx", text: "export default 1", message: /is TypeScript of a kind that Node can't run/ },
    { name: "nothing.mjs", text: "", message: /exports nothing\. Export a workflow made by defineWorkflow/ },
    { name: "other.mjs", text: "export const a = 1, b = 2;", message: /exports no workflow \(only a, b\)/ },
    { name: "empty.mjs", text: "export default [];", message: /workflows: has no workflow/ },
    {
      name: "plain.mjs",
      text: "export default { name: 'x' };",
      message: /workflows\.0: is not a workflow made by defineWorkflow/,
    },
    {
      name: "key.mjs",
      text: "export default { workflows: [], conectors: {} };",
      message: /Unrecognized key: "conectors"/,
    },
  ])("$name", async ({ name, text, message }) => {
    const { exitCode, stdout, stderr } = await runFile(name, text);
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: "" });
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/^\s+at /m);
  });

  test("an invalid workflow: all of its faults", async () => {
    const index = JSON.stringify(import.meta.resolve("@millrace/agent"));
    const { exitCode, stderr } = await runFile(
      "invalid.ts",
      `import { defineWorkflow } from ${index}; export default defineWorkflow({ name: "1", topics: { "a b": 3 } });`,
    );
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/name: must start[^]*the workflow has no handler[^]*topics\.a b: must be a Standard Schema/);
  });

  test("two workflows of one name", async () => {
    const href = JSON.stringify(pathToFileURL(fixture("payments")).href);
    const { stderr } = await runFile("twice.ts", `import one from ${href}; export default [one, one];`);
    expect(stderr).toContain('has two workflows named "payments"');
  });

  test("a policy with a wrong value", async () => {
    const href = JSON.stringify(pathToFileURL(fixture("payments")).href);
    const text = `import one from ${href}; export default { workflows: one, policy: { stop: { graceMs: "soon" } } };`;
    expect((await runFile("policy.ts", text)).stderr).toContain("The policy is not valid:");
  });
});
