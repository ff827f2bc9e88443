import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { z } from "zod";
import { Bench } from "../testing/command-line-test.ts";

const FILES = [
  ".gitignore",
  "README.md",
  "inbox/welcome.txt",
  "package.json",
  "tsconfig.json",
  "workflows.test.ts",
  "workflows.ts",
];

let bench: Bench;

beforeEach(() => {
  bench = new Bench();
});
afterEach(() => bench.dispose());

const at = (...path: string[]) => join(bench.folder, ...path);

test("a project is written into a folder that is not there yet, and what to do next is said", async () => {
  const { exitCode, stdout } = await bench.run("init", at("My Notes"));
  expect(exitCode).toBe(0);
  for (const file of FILES) {
    expect(stdout).toContain(`  ${file}\n`);
    expect(existsSync(at("My Notes", file))).toBe(true);
  }
  expect(stdout).toMatch(/ {2}npm test\n {2}npm start\n$/);
});

test("its manifest names it after the folder, and asks for versions that this one goes with", async () => {
  await bench.run("init", at("My Notes"));
  const manifest = z
    .object({ name: z.string(), dependencies: z.record(z.string(), z.string()) })
    .parse(JSON.parse(readFileSync(at("My Notes", "package.json"), "utf8")));
  expect(manifest.name).toBe("my-notes");
  expect(Object.keys(manifest.dependencies)).toEqual(["@millrace/agent", "millrace", "zod"]);
  for (const version of Object.values(manifest.dependencies)) expect(version).toMatch(/^\^\d+\.\d+\.\d+/);
});

test("a folder that is not empty is refused, and nothing is written", async () => {
  writeFileSync(at("mine.txt"), "mine");
  mkdirSync(at("other"));
  const { exitCode, stderr } = await bench.run("init", bench.folder);
  expect(exitCode).toBe(1);
  expect(stderr).toMatch(/is not empty: there is mine\.txt and 1 more\. .* --force/);
  expect(existsSync(at("workflows.ts"))).toBe(false);
});

test("an empty repository counts as empty", async () => {
  mkdirSync(at(".git"));
  expect((await bench.run("init", bench.folder)).exitCode).toBe(0);
});

test("a folder into which packages were installed becomes a project, and its manifest gets what it lacks", async () => {
  const npms = {
    name: "mine",
    type: "commonjs",
    scripts: { test: 'echo "Error: no test specified" && exit 1', lint: "mine" },
    dependencies: { millrace: "file:millrace.tgz" },
  };
  writeFileSync(at("package.json"), JSON.stringify(npms));
  const result = await bench.json("init", bench.folder);
  expect(result).toMatchObject({ completed: ["package.json"], kept: [] });
  expect(JSON.parse(readFileSync(at("package.json"), "utf8"))).toMatchObject({
    name: "mine",
    type: "module",
    scripts: { test: "node --test *.test.ts", lint: "mine", start: "millrace serve workflows.ts" },
    dependencies: { millrace: "file:millrace.tgz", zod: expect.any(String) },
  });
  expect(await bench.json("init", bench.folder, "--force")).toMatchObject({ completed: [], written: [] });
});

test("what is no manifest is left alone", async () => {
  writeFileSync(at("package.json"), "[]");
  const { stderr, exitCode } = await bench.run("init", bench.folder);
  expect([exitCode, stderr]).toEqual([1, expect.stringContaining("is no package manifest")]);
  expect(readFileSync(at("package.json"), "utf8")).toBe("[]");
});

test("with --force what is there stays as it is", async () => {
  writeFileSync(at("workflows.ts"), "// mine");
  const result = await bench.json("init", bench.folder, "--force");
  expect(result).toEqual({
    folder: bench.folder,
    completed: [],
    written: FILES.filter((file) => file !== "workflows.ts"),
    kept: ["workflows.ts"],
  });
  expect(readFileSync(at("workflows.ts"), "utf8")).toBe("// mine");
});

test("a file is no folder", async () => {
  writeFileSync(at("file"), "");
  const { exitCode, stderr } = await bench.run("init", at("file"));
  expect(exitCode).toBe(1);
  expect(stderr).toContain("can't be used as a folder");
});
