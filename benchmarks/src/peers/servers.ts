/** The servers that peers need. Each is started empty, on a free port of the loopback interface, in a folder of its own. */
import { chownSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort, listens, runProgram, Server } from "./child-process.ts";
import { restateServer } from "./peer-files.ts";
import { findPostgres, findRedis, postgresAccount } from "./server-programs.ts";

export type ServerKind = "postgres" | "redis-everysec" | "redis-always" | "restate";

/** Gives the address; the server and its data are gone afterwards. @throws when it can't be had */
export async function withServer<T>(kind: ServerKind, work: (address: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "millrace-peer-"));
  try {
    if (kind === "postgres") return await withPostgres(folder, work);
    if (kind === "restate") return await withRestate(folder, work);
    return await withRedis(folder, kind === "redis-always" ? "always" : "everysec", work);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function withPostgres<T>(folder: string, work: (address: string) => Promise<T>): Promise<T> {
  const bin = await findPostgres();
  const account = await postgresAccount();
  if (account) chownSync(folder, account.uid, account.gid);
  const place = { cwd: folder, ...account };
  const data = join(folder, "data");
  const initdb = ["-D", data, "-U", "bench", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"];
  await runProgram(join(bin, "initdb"), initdb, { ...place, timeoutMs: 120_000 });
  const port = await freePort();
  const settings = {
    listen_addresses: "127.0.0.1",
    port: String(port),
    unix_socket_directories: "",
    max_connections: "200",
    shared_buffers: "512MB",
    max_wal_size: "4GB",
    fsync: "on",
    synchronous_commit: "on",
    full_page_writes: "on",
  };
  const args = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  const server = new Server(join(bin, "postgres"), ["-D", data, ...args], place);
  const isReady = () =>
    runProgram(join(bin, "pg_isready"), ["-q", "-h", "127.0.0.1", "-p", String(port)], { timeoutMs: 5_000 }).then(
      () => true,
      () => false,
    );
  try {
    await server.untilReady(isReady);
    return await work(`postgres://bench@127.0.0.1:${port}/postgres`);
  } finally {
    // Fast shutdown: it does not wait for clients.
    await server.stop("SIGINT");
  }
}

async function withRedis<T>(
  folder: string,
  appendfsync: "everysec" | "always",
  work: (address: string) => Promise<T>,
): Promise<T> {
  const program = await findRedis();
  const port = await freePort();
  const settings = { port: String(port), bind: "127.0.0.1", dir: folder, save: "", appendonly: "yes", appendfsync };
  const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]);
  const server = new Server(program, args, { cwd: folder });
  try {
    await server.untilReady(() => listens(port));
    return await work(`redis://127.0.0.1:${port}`);
  } finally {
    await server.stop("SIGTERM");
  }
}

async function withRestate<T>(folder: string, work: (address: string) => Promise<T>): Promise<T> {
  const [node, ingress, admin] = [await freePort(), await freePort(), await freePort()];
  const args = ["--base-dir", folder, "--listen-mode", "tcp", "--bind-ip", "127.0.0.1", "--bind-port", String(node)];
  const env = {
    ...process.env,
    RESTATE_INGRESS__BIND_ADDRESS: `127.0.0.1:${ingress}`,
    RESTATE_ADMIN__BIND_ADDRESS: `127.0.0.1:${admin}`,
    RESTATE_ADVERTISED_HOST: "127.0.0.1",
    RESTATE_DISABLE_TELEMETRY: "true",
    RESTATE_LOG_FILTER: "warn",
  };
  const server = new Server(restateServer(), [...args, "--no-logo"], { cwd: folder, env });
  const isHealthy = (address: string) =>
    fetch(address).then(
      ({ ok }) => ok,
      () => false,
    );
  try {
    await server.untilReady(() => isHealthy(`http://127.0.0.1:${admin}/health`));
    await server.untilReady(() => isHealthy(`http://127.0.0.1:${ingress}/restate/health`));
    return await work(`http://127.0.0.1:${ingress} http://127.0.0.1:${admin}`);
  } finally {
    await server.stop("SIGTERM");
  }
}
