import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterEach, expect, test } from "vitest";

const MAIN = fileURLToPath(new URL("../../../cli/src/main.ts", import.meta.url));
const WORKFLOWS = fileURLToPath(new URL("blocking-workflows-process.ts", import.meta.url));
const TOKEN = "a-token-that-is-long-enough-for-tests";
const HANDLER = 'handler "crunch" of workflow "reports"';

const folder = mkdtempSync(join(tmpdir(), "millrace-stall-"));
let child: ChildProcess | null = null;

afterEach(async () => {
  if (child?.exitCode === null && child.signalCode === null) {
    child.kill("SIGKILL");
    await once(child, "exit");
  }
  rmSync(folder, { recursive: true });
});

interface Line {
  msg: string;
  url?: string;
  blockedMs?: number;
  suspects?: string[];
}

/** `millrace serve` in a process of its own: what it logs, and what it writes to standard error. */
function serve() {
  const words = ["serve", WORKFLOWS, "--json", "--port", "0"];
  const env = {
    PATH: process.env["PATH"],
    STALL_FOLDER: folder,
    MILLRACE_DATABASE: `sqlite:${join(folder, "millrace.sqlite")}`,
    MILLRACE_TOKEN: TOKEN,
  };
  const served = spawn(process.execPath, ["--conditions=millrace-source", MAIN, ...words], { env });
  child = served;
  const lines: Line[] = [];
  const errors: string[] = [];
  createInterface({ input: served.stdout }).on("line", (line) => lines.push(JSON.parse(line) as Line));
  createInterface({ input: served.stderr }).on("line", (line) => errors.push(line));
  return { served, lines, errors, stalls: () => lines.filter(({ suspects }) => suspects !== undefined) };
}

/** Waits until something is there. The test's own time limit ends one that never comes. */
async function until<T>(look: () => T | false | undefined | Promise<T | false | undefined>): Promise<T> {
  for (;;) {
    const found = await look();
    if (found) return found;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const passTime = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

test("a handler that blocks the event loop is named at once, in the log, to a person once, and to what watches the host", async () => {
  const { served, lines, errors, stalls } = serve();
  // While it is blocked, nothing but its thread can say so.
  await until(() => errors.length > 0);
  expect(stalls()).toEqual([]);
  expect(errors[0]).toMatch(
    new RegExp(`^millrace: the event loop has been blocked for \\d+\\.\\d s by ${HANDLER} \\(run [0-9a-f-]+\\)\\.`),
  );
  await until(() => existsSync(join(folder, "waiting")));

  // The whole process stands still; it is not its handler that blocks.
  served.kill("SIGSTOP");
  await passTime(2_500);
  served.kill("SIGCONT");
  writeFileSync(join(folder, "released"), "");

  const url = (await until(() => lines.find((line) => line.url !== undefined))).url ?? "";
  const ask = async (path: string) => {
    const response = await fetch(`${url}${path}`, { headers: { Authorization: `Bearer ${TOKEN}` } });
    return response.text();
  };
  await until(async () => !(await ask("/api/runs?status=active")).includes("crunch"));
  expect(stalls().map(({ suspects, msg }) => [suspects, msg.includes("blocked by")])).toEqual(
    Array.from({ length: 2 }, () => [[expect.stringContaining(HANDLER)], true]),
  );
  const health = JSON.parse(await ask("/api/health")) as { checks: { name: string; ok: boolean; detail: string }[] };
  expect(health.checks).toContainEqual({
    name: "event loop",
    ok: false,
    detail: expect.stringMatching(new RegExp(`stood still 2 times, .*${HANDLER}`)),
  });
  const metrics = await ask("/metrics");
  expect(metrics).toMatch(/^millrace_event_loop_stalls_total 2$/m);
  expect(Number(/^millrace_event_loop_blocked_seconds_total (\S+)$/m.exec(metrics)?.[1])).toBeGreaterThan(2);
  const attention = JSON.parse(await ask("/api/attention")) as { items: { kind: string; message: string }[] };
  expect(attention.items.map(({ kind, message }) => `${kind}: ${message}`)).toEqual([
    expect.stringMatching(new RegExp(`^logic: While ${HANDLER} ran, nothing else could run`)),
  ]);
  // What the event loop did to the process, it did not do to the outside world.
  expect(readFileSync(join(folder, "effects"), "utf8")).toBe("first\nsecond\nthird\n");
  served.kill("SIGTERM");
  expect(await once(served, "exit")).toEqual([0, null]);
});
