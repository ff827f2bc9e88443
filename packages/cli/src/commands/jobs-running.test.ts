/** Jobs on the command line while an engine of another process runs them: it notices at once what is decided. */
import { existsSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { Bench, fixture, type RunningProcess } from "../testing/command-line-test.ts";

const execution = z.looseObject({
  id: z.uuid(),
  status: z.string(),
  retryOf: z.uuid().nullable(),
  reason: z.string().nullable(),
  error: z.string().nullable(),
});
const page = z.object({ items: z.array(execution) });

let bench: Bench;

beforeEach(() => {
  bench = new Bench();
});

afterEach(() => bench.dispose());

/** Works off what is due, as an engine does that runs for a while. */
const work = () => bench.run("run", fixture("jobs"), "--once");

const schedule = (job: object) => bench.runWith({ stdin: JSON.stringify(job) }, "jobs", "schedule", "--file", "-");

async function history(name: string) {
  return page.parse(await bench.json("jobs", "history", name)).items;
}

/** Shows the log of the job's last execution until that is over. */
async function untilOver(name: string): Promise<void> {
  const [last] = await history(name);
  await bench.start("jobs", "logs", last!.id, "-f").ended;
}

describe("with an engine that has worked", () => {
  beforeEach(async () => {
    await work();
    await schedule({ type: "recurring", name: "Hourly", key: "hourly", handler: "quick", interval: "1h" });
    await schedule({ type: "event", name: "Fail", key: "fail", handler: "failing", event: "bad" });
  });

  test("pause, resume and cancel say how the job stands", async () => {
    const { stdout } = await bench.run("jobs", "pause", "hourly", "--note", "a new disk");
    expect(stdout).toMatch(/^[0-9a-f]{8} "Hourly" is paused\.\n$/);
    expect((await bench.run("jobs", "show", "hourly")).stdout).toMatch(/^status +paused: a new disk$/m);
    expect((await bench.run("jobs", "resume", "hourly", "--catch-up")).stdout).toMatch(/goes on\. Next run: /);
    expect(await bench.json("jobs", "cancel", "hourly", "--reason", "not needed")).toMatchObject({
      status: "cancelled",
    });
    const { exitCode, stderr } = await bench.run("jobs", "pause", "hourly");
    expect(exitCode).toBe(1);
    expect(stderr).toContain("cancelled");
  });

  test("skip-next leaves out one tick", async () => {
    await work();
    const { exitCode, stdout } = await bench.run("jobs", "skip-next", "hourly");
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/leaves out its next tick\. Next run: /);
  });

  test("run makes an execution, which is shown with its log", async () => {
    await bench.run("jobs", "run", "hourly");
    await work();
    const [last] = await history("hourly");
    expect(last).toMatchObject({ status: "success", result: { done: true } });
    const { stdout } = await bench.run("jobs", "execution", last!.id);
    expect(stdout).toMatch(/^result +\{"done":true\}$/m);
    expect(stdout).toMatch(/ info +attempt 1 {2}worked /);
    expect(await bench.json("jobs", "logs", last!.id)).toMatchObject([{ level: "info", message: "worked" }]);
    expect((await bench.run("jobs", "logs", last!.id, "--level", "warn")).stdout).toBe("No log lines.\n");
  });

  test("decisions tell of ticks", async () => {
    await work();
    expect((await bench.run("jobs", "decisions", "hourly")).stdout).toMatch(/ fired +1 +[0-9a-f]{8} /);
  });

  test("trigger runs the jobs of an event, once for each of its ids", async () => {
    const { stdout } = await bench.run("jobs", "trigger", "bad", "--payload", '{"why":"no paper"}', "--event-id", "7");
    expect(stdout).toMatch(/^Executions made: [0-9a-f]{8}\.\n$/);
    expect((await bench.run("jobs", "trigger", "bad", "--event-id", "7")).stdout).toBe(
      "Nothing was made: no job waits for this event, or its id is known already.\n",
    );
    await work();
    expect(await history("fail")).toMatchObject([{ status: "failed", error: "no paper" }]);
  });

  test("dead letters are repeated, one by one or all of a job", async () => {
    for (const id of ["1", "2"]) await bench.run("jobs", "trigger", "bad", "--event-id", id);
    await work();
    const dead = page.parse(await bench.json("jobs", "dead-letters", "--job", "fail")).items;
    expect(dead).toHaveLength(2);
    expect((await bench.run("jobs", "dead-letters")).stdout).toMatch(/ failed +1 .*the disk is full$/m);
    const { stdout } = await bench.run("jobs", "redrive", dead[0]!.id.slice(-8), "--by", "anna");
    expect(stdout).toMatch(/^1 repeated [0-9a-f]{8}\.\n$/);
    const all = z.array(execution).parse(await bench.json("jobs", "redrive", "--all", "--job", "fail"));
    expect(all.map(({ retryOf }) => retryOf)).toEqual([dead[1]!.id]);
    expect((await bench.run("jobs", "redrive", "--all", "--job", "fail")).stdout).toBe("0 repeated.\n");
  });

  test("retry repeats an execution, and refuses one that is not over", async () => {
    await bench.run("jobs", "trigger", "bad");
    await work();
    const [failed] = await history("fail");
    const { stdout } = await bench.run("jobs", "retry", failed!.id);
    expect(stdout).toMatch(new RegExp(`^Execution [0-9a-f]{8} repeats ${failed!.id.slice(-8)}\\.\\n$`));
    const [open] = (await history("fail")).filter(({ status }) => status === "pending");
    const refused = await bench.run("jobs", "retry", open!.id);
    expect(refused.exitCode).toBe(1);
  });

  test("backfill says how much there would be, and makes it", async () => {
    const until = new Date().toISOString();
    const from = new Date(Date.now() - 3 * 3_600_000).toISOString();
    await schedule({ type: "cron", name: "Cron", key: "cron", handler: "quick", cron: "0 * * * *" });
    const span = ["--from", from, "--until", until];
    expect(await bench.json("jobs", "backfill", "cron", ...span, "--dry-run")).toMatchObject({
      dryRun: true,
      executions: 3,
    });
    expect((await bench.run("jobs", "backfill", "cron", ...span)).stdout).toBe(
      "3 ticks lie in the span; 3 executions are made.\n",
    );
    expect((await bench.run("jobs", "backfill", "cron", ...span)).stdout).toBe(
      "3 ticks lie in the span; 0 executions are made.\n",
    );
  });

  test("delete forgets a job and its history", async () => {
    expect((await bench.run("jobs", "delete", "hourly")).stdout).toMatch(/"Hourly" is deleted\.\n$/);
    expect((await bench.run("jobs", "show", "hourly")).stderr).toBe('error: There is no job "hourly".\n');
  });

  test("a job that waits for its handler says so, and needs-attention how to go on", async () => {
    await schedule({ type: "one_time", name: "Odd", key: "odd", handler: "unheard-of" });
    await work();
    expect((await bench.run("jobs", "history", "odd")).stdout).toContain(
      "pending (waits for handler function unheard-of)",
    );
    expect((await bench.run("needs-attention")).stdout).toContain("job Odd");
  });

  test("a decision rings for a running engine", async () => {
    await bench.run("jobs", "pause", "hourly");
    expect(existsSync(`${bench.databasePath}-doorbell`)).toBe(true);
  });
});

describe("with an engine that runs", () => {
  let engine: RunningProcess;

  beforeEach(async () => {
    engine = bench.start("run", fixture("jobs"));
    await engine.line("Ctrl-C ends it");
  });

  afterEach(async () => {
    engine.signal("SIGINT");
    await engine.ended;
  });

  test("a job that is scheduled now runs now", async () => {
    await schedule({ type: "one_time", name: "Now", key: "now", handler: "quick" });
    await untilOver("now");
    expect(await history("now")).toMatchObject([{ status: "success" }]);
  });

  test("an execution that runs stops when it is cancelled", async () => {
    await schedule({ type: "one_time", name: "Wait", key: "wait", handler: "waiting" });
    const [open] = await history("wait");
    const logs = bench.start("jobs", "logs", open!.id, "-f");
    const { exitCode } = await bench.run("jobs", "cancel", "--execution", open!.id, "--reason", "enough");
    expect(exitCode).toBe(0);
    expect(await logs.ended).toMatchObject({ exitCode: 0, stderr: "" });
    expect(await history("wait")).toMatchObject([{ status: "cancelled", reason: "enough" }]);
  });
});
