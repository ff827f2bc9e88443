import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { recordProcess, type Recording, type RecordingOptions } from "./power-cut-recording.ts";
import { tryCuts } from "./power-cut.ts";

async function record(synchronous: RecordingOptions["synchronous"], orders: number): Promise<Recording> {
  const folder = mkdtempSync(join(tmpdir(), "millrace-power-cut-"));
  try {
    const nodeArguments = ["--conditions=millrace-source"];
    return await recordProcess({ synchronous, orders, nodeArguments }, folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe("a power cut at any step of an engine that syncs as the product does", () => {
  let recording: Recording;

  beforeAll(async () => {
    recording = await record("FULL", 2);
  }, 60_000);

  test("loses nothing that was acknowledged, does nothing twice, and leaves a whole database", async () => {
    const report = await tryCuts(recording, { cuts: 30, seed: 20_260_101 });
    expect(report).toMatchObject({ cuts: 30, lost: [], duplicated: [], corrupt: [] });
    expect(report.different).toBeGreaterThan(100);
    expect(report.acknowledgements).toBeGreaterThan(3_000);
    expect(report.effects).toBeGreaterThan(150);
  }, 120_000);

  test.each([
    ["the log of the database", (path: string) => path === "test.sqlite-wal"],
    ["the database's folder, where the names are", (path: string) => path === ""],
    ["the files of the files connector", (path: string) => path.startsWith("files/")],
  ])(
    "is seen by this test to lose what was acknowledged, on a disk that does not sync %s",
    async (_, ignoresSync) => {
      const report = await tryCuts(recording, { cuts: 5, seed: 1, ignoresSync });
      expect(report.lost.length).toBeGreaterThan(0);
    },
    60_000,
  );
});

describe("a database that does not sync", () => {
  test.each(["NORMAL", "OFF"] as const)(
    "loses what it acknowledged, and this test sees it: synchronous = %s",
    async (synchronous) => {
      const report = await tryCuts(await record(synchronous, 1), { cuts: 5, seed: 1 });
      expect(report.lost.join("\n")).toContain("observed, and not there");
    },
    60_000,
  );
});
