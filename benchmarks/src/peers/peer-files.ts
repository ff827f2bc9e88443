/** Where the peers are: a package of its own, which is installed when it is asked for, so that nobody else downloads it. */
import { execFile } from "node:child_process";
import { existsSync, readFileSync, realpathSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { z } from "zod";

const PEERS_FOLDER = fileURLToPath(new URL("../../peers/", import.meta.url));

const INSTALL_TIMEOUT_MS = 10 * 60_000;
const LOCKFILE = `${PEERS_FOLDER}pnpm-lock.yaml`;
/** A copy of the lockfile that was followed last. */
const INSTALLED = `${PEERS_FOLDER}node_modules/.installed-lockfile.yaml`;
const packageSchema = z.object({ version: z.string() });

/** Installs the peers into their own folder, as their lockfile says, unless they are there. @throws when it can't */
export async function installPeers(): Promise<void> {
  const lockfile = readFileSync(LOCKFILE, "utf8");
  if (existsSync(INSTALLED) && readFileSync(INSTALLED, "utf8") === lockfile) return;
  process.stderr.write("Installing the peers into benchmarks/peers (about 300 MB)…\n");
  await promisify(execFile)("pnpm", ["install", "--ignore-workspace", "--frozen-lockfile"], {
    cwd: PEERS_FOLDER,
    timeout: INSTALL_TIMEOUT_MS,
    // Windows has pnpm as a script, which only a shell starts.
    shell: process.platform === "win32",
    env: { ...process.env, CI: "true", SCARF_ANALYTICS: "false" },
  });
  writeFileSync(INSTALLED, lockfile);
}

/** The version of a peer that is installed. @throws when it is not */
export function versionOf(packageName: string): string {
  const manifest = readFileSync(`${PEERS_FOLDER}node_modules/${packageName}/package.json`, "utf8");
  return packageSchema.parse(JSON.parse(manifest)).version;
}

/** The server that Restate's package carries for this machine. @throws when it has none */
export function restateServer(): string {
  // Where the package really is: there its dependencies are found.
  const manifest = realpathSync(`${PEERS_FOLDER}node_modules/@restatedev/restate-server/package.json`);
  return createRequire(manifest).resolve(
    `@restatedev/restate-server-${process.platform}-${process.arch}/bin/restate-server`,
  );
}
