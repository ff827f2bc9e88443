/** Prometheus's own check of what a scrape gives. */
import { execFile } from "node:child_process";
import { access } from "node:fs/promises";
import { delimiter, join, resolve } from "node:path";

/** What promtool finds wrong; nothing when it takes the metrics as they are. @throws Error when there is no promtool */
export async function checkMetrics(metrics: string): Promise<string> {
  const promtool = await findPromtool();
  return new Promise((settle, reject) => {
    const child = execFile(promtool, ["check", "metrics"], (error, stdout, stderr) => {
      // An exit code is an answer; a program that can't be run is none.
      if (error && typeof error.code !== "number") reject(error);
      else settle(`${error ? `exit code ${error.code}\n` : ""}${stdout}${stderr}`);
    });
    child.stdin?.end(metrics);
  });
}

async function findPromtool(): Promise<string> {
  const { MILLRACE_PROMTOOL: named, PATH = "" } = process.env;
  const root = resolve(import.meta.dirname, "..", "..", "..", "..");
  const places = [
    ...(named === undefined ? PATH.split(delimiter).map((folder) => join(folder, "promtool")) : [named]),
    join(root, "node_modules", ".cache", "prometheus", "usr", "bin", "promtool"),
  ];
  for (const place of places) if (await exists(place)) return place;
  throw new Error(
    "There is no promtool. Install Debian's package prometheus, or name the program in MILLRACE_PROMTOOL.",
  );
}

async function exists(file: string): Promise<boolean> {
  try {
    await access(file);
    return true;
  } catch {
    return false;
  }
}
