/** Finds the servers' programs. Where one is absent, root gets it from Debian's packages; others are told how. */
import { existsSync, readdirSync } from "node:fs";
import { delimiter, join } from "node:path";
import { runProgram } from "./child-process.ts";

const POSTGRES_FOLDER = "/usr/lib/postgresql";
const INSTALL_TIMEOUT_MS = 10 * 60_000;

class MissingProgramError extends Error {
  override readonly name = "MissingProgramError";
}

/** The folder of PostgreSQL's programs. @throws MissingProgramError */
export function findPostgres(): Promise<string> {
  return provide("postgresql", "PostgreSQL's initdb and postgres", () => {
    const installed = versionsOfPostgres().map((version) => join(POSTGRES_FOLDER, version, "bin"));
    return [...installed, ...pathFolders()].find((folder) =>
      ["initdb", "postgres"].every((name) => runs(folder, name)),
    );
  });
}

/** @throws MissingProgramError */
export function findRedis(): Promise<string> {
  return provide("redis-server", "redis-server", () => {
    const folder = pathFolders().find((candidate) => runs(candidate, "redis-server"));
    return folder === undefined ? undefined : join(folder, "redis-server");
  });
}

/** What the program says about its version. */
export async function versionOfProgram(program: string): Promise<string> {
  const text = await runProgram(program, ["--version"], { timeoutMs: 10_000 });
  return /\d+(\.\d+)+/.exec(text)?.[0] ?? text.trim();
}

/** PostgreSQL refuses to run as root: the account to use instead, or nothing where we are somebody else. */
export async function postgresAccount(): Promise<{ uid: number; gid: number } | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  for (const name of ["postgres", "nobody"]) {
    const [uid, gid] = [await idOf("-u", name), await idOf("-g", name)];
    if (uid !== null && gid !== null) return { uid, gid };
  }
  throw new MissingProgramError(
    "PostgreSQL does not run as root, and there is neither an account postgres nor nobody.",
  );
}

/** Null where there is no such account. */
function idOf(what: "-u" | "-g", account: string): Promise<number | null> {
  return runProgram("id", [what, account], { timeoutMs: 5_000 }).then(Number, () => null);
}

async function provide(packageName: string, what: string, find: () => string | undefined): Promise<string> {
  const found = find();
  if (found !== undefined) return found;
  const how = `apt-get install -y --no-install-recommends ${packageName}`;
  if (process.getuid?.() !== 0 || !pathFolders().some((folder) => runs(folder, "apt-get")))
    throw new MissingProgramError(`${what} is not installed; get it with: ${how}`);
  process.stderr.write(`${what} is not installed: running ${how}\n`);
  await aptGet(["install", "-y", "--no-install-recommends", packageName]);
  const installed = find();
  if (installed === undefined) throw new MissingProgramError(`${what} is not there after: ${how}`);
  return installed;
}

async function aptGet(command: readonly string[]): Promise<void> {
  const options = { timeoutMs: INSTALL_TIMEOUT_MS, env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" } };
  try {
    await runProgram("apt-get", command, options);
  } catch {
    // A machine that has never asked for them has no lists of packages.
    await runProgram("apt-get", ["update"], options);
    await runProgram("apt-get", command, options);
  }
}

function versionsOfPostgres(): string[] {
  if (!existsSync(POSTGRES_FOLDER)) return [];
  return readdirSync(POSTGRES_FOLDER).toSorted((a, b) => Number(b) - Number(a));
}

const pathFolders = () => (process.env["PATH"] ?? "").split(delimiter).filter((folder) => folder !== "");
const runs = (folder: string, program: string) => existsSync(join(folder, program));
