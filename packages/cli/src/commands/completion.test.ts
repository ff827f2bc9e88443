import { execFileSync } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Bench } from "../testing/command-line-test.ts";

let bench: Bench;

beforeEach(() => {
  bench = new Bench();
});

afterEach(() => bench.dispose());

const suggested = async (...words: string[]) => {
  const { stdout } = await bench.run("complete", "--", ...words);
  return stdout.split("\n").flatMap((line) => line.split("\t")[0] || []);
};

describe("what may come next", () => {
  test.each([
    { words: ["needs"], values: ["needs-attention"] },
    { words: ["jobs", "re"], values: ["resume", "retry", "redrive"] },
    { words: ["--json", "wor"], values: ["workflows"] },
    { words: ["--database", "sqlite:x", "jobs", "pre"], values: ["preview"] },
    { words: ["runs", "--status", "pa"], values: ["paused:transient", "paused:approval", "paused:reconciliation"] },
    { words: ["logs", "-f", "--l"], values: ["--level", "--limit"] },
    { words: ["runs", "--j"], values: ["--json"] },
    { words: ["runs", "--limit", ""], values: [] },
    { words: ["completion", ""], values: ["bash", "zsh", "fish"] },
    { words: ["nonsense", "x"], values: [] },
  ])("after $words", async ({ words, values }) => {
    expect(await suggested(...words)).toEqual(values);
  });

  test("is every command that the help shows, with what it is for", async () => {
    const values = await suggested("");
    expect(values).toEqual(expect.arrayContaining(["run", "status", "jobs", "doctor", "backup"]));
    expect(values).not.toContain("complete");
    const { stdout } = await bench.run("complete", "--json", "--", "doc");
    expect(JSON.parse(stdout)).toEqual([{ value: "doctor", description: expect.stringContaining("whole") }]);
  });
});

describe("the script", () => {
  test.each(["bash", "zsh", "fish"])("for %s is printed", async (shell) => {
    const { exitCode, stdout } = await bench.run("completion", shell);
    expect(exitCode).toBe(0);
    expect(stdout).toContain("millrace complete --");
    expect(await bench.json("completion", shell)).toEqual({ shell, script: stdout });
  });

  test("for another shell is refused", async () => {
    const { exitCode, stderr } = await bench.run("completion", "ksh");
    expect(exitCode).toBe(2);
    expect(stderr).toContain("Allowed choices are bash, zsh, fish.");
  });

  test("for bash completes a line in bash", async () => {
    const bash = ["/bin/bash", "/usr/bin/bash"].find((path) => existsSync(path));
    expect(bash).toBeDefined();
    const main = fileURLToPath(new URL("../main.ts", import.meta.url));
    const script = join(bench.folder, "complete.sh");
    const lines = [
      `millrace() { ${JSON.stringify(process.execPath)} --conditions=millrace-source ${JSON.stringify(main)} "$@"; }`,
      (await bench.run("completion", "bash")).stdout,
      "COMP_WORDS=(millrace jobs dec)",
      "COMP_CWORD=2",
      "_millrace_completion",
      'printf "%s\\n" "${COMPREPLY[@]}"',
    ];
    writeFileSync(script, lines.join("\n"));
    expect(execFileSync(bash!, ["--norc", script], { encoding: "utf8" })).toBe("decisions\n");
  });
});
