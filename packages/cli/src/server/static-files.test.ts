/** The dashboard's files, and what asking for others gives. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { HostBench } from "../testing/host-bench.ts";

const folder = mkdtempSync(join(tmpdir(), "millrace-dashboard-"));
const dashboard = join(folder, "dashboard");
let bench: HostBench;

beforeAll(async () => {
  mkdirSync(join(dashboard, "assets"), { recursive: true });
  writeFileSync(join(folder, "secret.txt"), "canary");
  writeFileSync(join(dashboard, "index.html"), '<meta name="csp-nonce" content="" /><p>page</p>');
  writeFileSync(join(dashboard, "favicon.svg"), "<svg/>");
  writeFileSync(join(dashboard, "assets", "main-a1b2.js"), `// ${"x".repeat(5_000)}`);
  bench = await HostBench.open({ dashboard });
});

afterAll(async () => {
  await bench.close();
  rmSync(folder, { recursive: true, force: true });
});

const get = (path: string, headers: Record<string, string> = {}) => bench.get(path, { token: null, headers });

describe("the page", () => {
  test("is served at every address of the dashboard, with the nonce of its own policy, and kept by nobody", async () => {
    for (const path of ["/", "/workflows/orders", "/runs?status=failed", "/index.html", "/workflows/two%20words"]) {
      const { status, headers, text } = await get(path);
      const [, nonce] = /'nonce-([\w-]+)'/.exec(String(headers["content-security-policy"])) ?? [];
      expect([path, status, text]).toEqual([path, 200, `<meta name="csp-nonce" content="${nonce}" /><p>page</p>`]);
      expect(headers["cache-control"]).toBe("no-store");
    }
    const [first, second] = [await get("/"), await get("/")];
    expect(first.text).not.toBe(second.text);
  });

  test("is also what a person gets who goes to an address with a dot", async () => {
    expect((await get("/workflows/orders.v2", { Accept: "text/html" })).status).toBe(200);
    expect((await get("/workflows/orders.v2")).status).toBe(404);
  });
});

describe("a file", () => {
  test("named by its content is kept for ever, others are asked for again", async () => {
    const asset = await get("/assets/main-a1b2.js");
    expect([asset.status, asset.headers["cache-control"], asset.headers["content-type"]]).toEqual([
      200,
      "public, max-age=31536000, immutable",
      "text/javascript; charset=utf-8",
    ]);
    expect((await get("/favicon.svg")).headers["cache-control"]).toBe("no-cache");
  });

  test("is compressed for those who understand it", async () => {
    const encodingFor = async (accepted: string) =>
      (await get("/assets/main-a1b2.js", { "Accept-Encoding": accepted })).headers["content-encoding"];
    expect(await encodingFor("gzip, deflate, br")).toBe("br");
    expect(await encodingFor("gzip")).toBe("gzip");
    expect(await encodingFor("br;q=0, gzip;q=0.5")).toBe("gzip");
    expect(await encodingFor("identity")).toBeUndefined();
  });
});

test("a path that leaves the folder leads nowhere, however it is written", async () => {
  const paths = [
    "/../secret.txt",
    "/assets/../../secret.txt",
    "/..%2fsecret.txt",
    "/%2e%2e/secret.txt",
    "/%2e%2e%2fsecret.txt",
    "/%252e%252e%252fsecret.txt",
    "/..%5csecret.txt",
    "/..\\secret.txt",
    "/assets\\..\\..\\secret.txt",
    "/assets/..%c0%af..%c0%afsecret.txt",
    "//secret.txt",
    "/secret.txt%00.js",
    "/assets/",
    "/assets/main-a1b2.js/../../../secret.txt",
  ];
  for (const path of paths) {
    for (const headers of [{}, { Accept: "text/html" }] as Record<string, string>[]) {
      const { status, text } = await get(path, headers);
      expect([path, text.includes("canary")]).toEqual([path, false]);
      // At the most it is taken for an address of the dashboard.
      expect([path, status === 404 || status === 400 || text.includes("<p>page</p>")]).toEqual([path, true]);
    }
  }
});

test("without a built dashboard a page says so", async () => {
  const bare = await HostBench.open();
  try {
    expect((await bare.get("/", { token: null })).text).toContain("The dashboard is not built");
  } finally {
    await bare.close();
  }
});
