/** Notes how large the database is and how much room the disk has left, one line of a CSV file for each tick. */
import { appendFile, readFile, stat, statfs } from "node:fs/promises";
import { dirname } from "node:path";
import { defineJobHandler } from "@millrace/agent";

const HEADER = "time,disk_free_bytes,database_bytes,wal_bytes\n";

export function sampleHandler({ database, file }: { database: string; file: string }) {
  return defineJobHandler({
    name: "sample",
    async handler(_payload, { scheduledAt }) {
      const time = new Date(scheduledAt).toISOString();
      const { bavail, bsize } = await statfs(dirname(database));
      const sample = {
        diskFree: bavail * bsize,
        database: await sizeOf(database),
        wal: await sizeOf(`${database}-wal`),
      };
      const written = await textOf(file);
      // The process may have ended between the line and the record of it; a tick has one nominal time, so one line.
      if (!written.includes(`\n${time},`)) {
        const line = `${[time, ...Object.values(sample)].join(",")}\n`;
        await appendFile(file, written === "" ? HEADER + line : line);
      }
      return sample;
    },
  });
}

async function sizeOf(file: string): Promise<number> {
  return unlessMissing(async () => (await stat(file)).size, 0);
}

async function textOf(file: string): Promise<string> {
  return unlessMissing(() => readFile(file, "utf8"), "");
}

async function unlessMissing<T>(look: () => Promise<T>, otherwise: T): Promise<T> {
  try {
    return await look();
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return otherwise;
    throw error;
  }
}
