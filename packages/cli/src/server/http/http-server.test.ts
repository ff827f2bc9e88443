/** What a client may take of the server. */
import { afterEach, expect, test } from "vitest";
import { HostBench, TOKEN } from "../../testing/host-bench.ts";

let bench: HostBench;

const open = async (connections: Parameters<typeof HostBench.open>[0]) => {
  bench = await HostBench.open(connections);
};

afterEach(() => bench.close());

const head = (lines: readonly string[]) =>
  ["POST /api/topics/orders/anything HTTP/1.1", `Host: 127.0.0.1:${bench.port}`, ...lines].join("\r\n");

test("a body that does not arrive in time is given up, and the connection closed", async () => {
  await open({ connections: { requestMs: 150, headersMs: 100, checkMs: 20 } });
  const lines = [`Authorization: Bearer ${TOKEN}`, "Content-Type: application/json", "Content-Length: 100"];
  expect(await bench.exchange(`${head(lines)}\r\n\r\n{"order":`)).toMatch(/^HTTP\/1\.1 408 [\s\S]*nosniff/);
  const [workflow] = await bench.stores.workflows.list();
  expect(await bench.stores.events.list({ workflowId: workflow!.id })).toEqual([]);
});

test("headers that do not arrive in time are given up", async () => {
  await open({ connections: { requestMs: 150, headersMs: 100, checkMs: 20 } });
  expect(await bench.exchange(head(["X-Slow: "]))).toMatch(/^HTTP\/1\.1 408 /);
});

test("a connection on which nothing happens is closed", async () => {
  await open({ connections: { idleMs: 100 } });
  expect(await bench.exchange("")).toBe("");
});

test("what is no HTTP is answered and closed", async () => {
  await open({});
  expect(await bench.exchange("SSH-2.0-OpenSSH_9.9\r\n\r\n")).toMatch(/^HTTP\/1\.1 400 [\s\S]*Connection: close/);
});

test("there are only so many connections", async () => {
  await open({ connections: { connections: 1 } });
  const first = bench.exchange(`GET /healthz HTTP/1.1\r\nHost: 127.0.0.1:${bench.port}\r\n\r\n`);
  // It is closed in one of two ways.
  const second = bench.exchange(`GET /healthz HTTP/1.1\r\nHost: 127.0.0.1:${bench.port}\r\n\r\n`).catch(() => "");
  expect(await second).toBe("");
  await bench.host.stop();
  expect(await first).toMatch(/^HTTP\/1\.1 200 /);
});
