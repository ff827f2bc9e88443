import { connect } from "node:net";
import { afterEach, beforeEach, expect, test } from "vitest";
import { PermissionError } from "../errors.ts";
import { addressPolicy, checkHost, guardedLookup, isPublicAddress } from "./http-address.ts";
import { http } from "./http.ts";
import { callContext, failureOf, LoopbackServer } from "./testing/loopback-server.ts";

let server: LoopbackServer;
beforeEach(async () => {
  server = await LoopbackServer.start();
});
afterEach(() => server.stop());

test.each([
  "http://127.0.0.1/",
  "http://127.1/",
  "http://0x7f.0.0.1/",
  "http://2130706433/",
  "http://0.0.0.0/",
  "http://10.1.2.3/",
  "http://100.64.0.1/",
  "http://169.254.169.254/latest/meta-data",
  "http://192.168.0.1/",
  "http://198.18.0.1/",
  "http://224.0.0.1/",
  "http://255.255.255.255/",
  "http://[::]/",
  "http://[::1]/",
  "http://[::127.0.0.1]/",
  "http://[::ffff:127.0.0.1]/",
  "http://[::ffff:0:127.0.0.1]/",
  "http://[64:ff9b::7f00:1]/",
  "http://[2002:7f00:1::]/",
  "http://[fd00::1]/",
  "http://[fe80::1]/",
  "http://[fec0::1]/",
  "http://[ff02::1]/",
])("%s is refused", async (url) => {
  const { get, post } = http().operations;
  expect(await failureOf(get.execute({ url }, callContext()))).toBeInstanceOf(PermissionError);
  expect(await failureOf(post.execute({ url }, callContext()))).toMatchObject({
    name: "PermissionError",
    effect: "none",
  });
});

test.each(["8.8.8.8", "2606:4700:4700::1111", "::ffff:8.8.8.8"])("%s is on the public internet", (address) => {
  expect(isPublicAddress(address)).toBe(true);
});

test("a name that resolves to loopback is refused, unless it is allowed", async () => {
  const url = server.url.replace("127.0.0.1", "localhost");
  expect(await failureOf(http().operations.get.execute({ url }, callContext()))).toBeInstanceOf(PermissionError);
  expect(server.requests).toHaveLength(0);
  server.answerWith(200, {}, "hello");
  const { get } = http({ allowPrivateAddresses: true }).operations;
  expect(await get.execute({ url: server.url }, callContext())).toMatchObject({ body: "hello" });
});

test("the check is made by the lookup of the socket itself, so that no other answer can come between", async () => {
  const failure = await new Promise<Error | null>((resolve) => {
    const socket = connect({ host: "localhost", port: 1, lookup: guardedLookup(addressPolicy({})) });
    socket.on("error", resolve);
    socket.on("connect", () => resolve(null));
  });
  expect(failure).toBeInstanceOf(PermissionError);
});

test("an IPv6 host is allowed with its brackets and without", () => {
  for (const host of ["[::1]", "::1"]) {
    expect(() => checkHost("[::1]", addressPolicy({ allowHosts: [host] }))).not.toThrow();
  }
});

test("a redirect to an address that is not allowed is refused", async () => {
  server.answerWith(302, { location: "http://10.0.0.1/" });
  const { get } = http({ baseUrl: server.url, allowHosts: ["127.0.0.1"] }).operations;
  expect(await failureOf(get.execute({ url: "/x" }, callContext()))).toBeInstanceOf(PermissionError);
});

test("every redirect is checked, not only the first: the address that its name resolves to", async () => {
  const named = server.url.replace("127.0.0.1", "localhost");
  server.handler = (request, response) => {
    const location = request.url === "/first" ? "/second" : `${named}/inside`;
    response.writeHead(307, { location }).end();
  };
  const { get } = http({ baseUrl: server.url, allowHosts: ["127.0.0.1"] }).operations;
  const failure = await failureOf(get.execute({ url: "/first" }, callContext()));
  expect(failure).toBeInstanceOf(PermissionError);
  expect(failure.message).toContain("localhost is at");
  expect(server.requests.map(({ url }) => url)).toEqual(["/first", "/second"]);
});

test.each(["file:///etc/passwd", "ftp://127.0.0.1/", "data:text/plain,x", "gopher://127.0.0.1:25/_MAIL"])(
  "a redirect to %s is not followed",
  async (location) => {
    server.answerWith(302, { location });
    const { get } = http({ baseUrl: server.url, allowHosts: ["127.0.0.1"] }).operations;
    expect((await failureOf(get.execute({ url: "/" }, callContext()))).message).toContain("is not http: or https:");
  },
);

test("a mutation follows no redirect at all", async () => {
  server.answerWith(307, { location: `${server.url}/elsewhere` });
  const { post } = http({ baseUrl: server.url, allowHosts: ["127.0.0.1"] }).operations;
  await failureOf(post.execute({ url: "/" }, callContext()));
  expect(server.requests).toHaveLength(1);
});
