import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { NetworkError } from "../errors.ts";
import { http, type HttpOptions } from "./http.ts";
import { callContext, failureOf, LoopbackServer } from "./testing/loopback-server.ts";

let server: LoopbackServer;
let other: LoopbackServer;
beforeEach(async () => {
  [server, other] = [await LoopbackServer.start(), await LoopbackServer.start()];
});
afterEach(() => Promise.all([server.stop(), other.stop()]));

const connector = (options: HttpOptions = {}) =>
  http({ baseUrl: server.url, allowHosts: ["127.0.0.1"], ...options }).operations;
const seenBy = ({ requests }: LoopbackServer, header: string) => requests.map(({ headers }) => headers[header]);

describe("credentials", () => {
  test("are a bearer token or a header, given as they are or made for each request", async () => {
    let count = 0;
    await connector({ auth: { bearer: "secret" } }).get.execute({ url: "/" }, callContext());
    await connector({ auth: { bearer: async () => "fresh" } }).get.execute({ url: "/" }, callContext());
    const { get } = connector({ auth: { header: "X-Api-Key", value: () => `key-${(count += 1)}` } });
    await get.execute({ url: "/" }, callContext());
    await get.execute({ url: "/" }, callContext());
    expect(seenBy(server, "authorization")).toEqual(["Bearer secret", "Bearer fresh", undefined, undefined]);
    expect(seenBy(server, "x-api-key")).toEqual([undefined, undefined, "key-1", "key-2"]);
  });

  test("and configured headers go to the base URL's origin only", async () => {
    const { get } = connector({ auth: { bearer: "secret" }, headers: { "X-Tenant": "ours" } });
    await get.execute({ url: other.url }, callContext());
    expect(seenBy(other, "authorization")).toEqual([undefined]);
    expect(seenBy(other, "x-tenant")).toEqual([undefined]);
  });

  test("and headers of the call do not follow a redirect to another origin", async () => {
    server.answerWith(302, { location: `${other.url}/there` });
    const { get } = connector({ auth: { bearer: "secret" }, headers: { "X-Tenant": "ours" } });
    await get.execute({ url: "/", headers: { "X-Token": "private", Accept: "text/html" } }, callContext());
    expect(other.requests[0]?.headers).toMatchObject({ accept: "text/html", "user-agent": "millrace" });
    for (const header of ["authorization", "x-tenant", "x-token"]) expect(seenBy(other, header)).toEqual([undefined]);
  });

  test("do follow a redirect to the same origin", async () => {
    server.handler = (request, response) =>
      request.url === "/there" ? response.end() : response.writeHead(302, { location: "/there" }).end();
    await connector({ auth: { bearer: "secret" } }).get.execute({ url: "/" }, callContext());
    expect(seenBy(server, "authorization")).toEqual(["Bearer secret", "Bearer secret"]);
  });

  test("are hidden where a refusal repeats them", async () => {
    server.answerWith(400, {}, "bad token: s3cret!");
    const failure = await failureOf(
      connector({ auth: { bearer: "s3cret!" } }).post.execute({ url: "/" }, callContext()),
    );
    expect(failure.message).toContain("bad token: [hidden]");
    expect(failure.message).not.toContain("s3cret");
  });

  test("are hidden where an answer repeats them, in its body and in its headers", async () => {
    const headers = { "content-type": "application/json", location: "/orders?token=s3cret!" };
    server.answerWith(200, headers, '{"sent":"Bearer s3cret!"}');
    const { get, post } = connector({ auth: { bearer: "s3cret!" } });
    const expected = { body: { sent: "Bearer [hidden]" }, headers: { location: "/orders?token=[hidden]" } };
    expect(await post.execute({ url: "/" }, callContext())).toMatchObject(expected);
    expect(await get.execute({ url: "/" }, callContext())).toMatchObject(expected);
  });

  test.each([
    ["AuthError", new Error("no keychain")],
    ["NetworkError", new NetworkError("the token server is gone")],
  ])("that can't be had end the call with %s before anything is sent", async (name, error) => {
    const bearer = () => Promise.reject(error);
    const failure = await failureOf(connector({ auth: { bearer } }).post.execute({ url: "/" }, callContext()));
    expect(failure).toMatchObject({ name, effect: "none" });
    expect(server.requests).toHaveLength(0);
  });

  test("are refused where they would be recorded: in a call's headers, in a URL, in the base URL", async () => {
    const { params } = connector().post;
    for (const name of ["Authorization", "Cookie"])
      expect(params["~standard"].validate({ url: "/", headers: { [name]: "x" } })).toMatchObject({
        issues: [{ message: expect.stringContaining("give it to the connector as auth") }],
      });
    const url = server.url.replace("//", "//user:pass@");
    expect((await failureOf(connector().post.execute({ url }, callContext()))).message).not.toContain("pass@");
    expect(() => http({ baseUrl: url })).toThrow(TypeError);
    expect(() => http({ auth: { bearer: "x" } })).toThrow("auth needs a baseUrl");
  });
});

describe("headers of a call", () => {
  test.each([
    ["Host", "elsewhere.example"],
    ["Content-Length", "1"],
    ["Transfer-Encoding", "chunked"],
    ["Idempotency-Key", "mine"],
    ["X-Split", "a\r\nX-Other: b"],
    ["bad name", "x"],
  ])("%s: %j is refused", (name, value) => {
    const { params } = connector().post;
    expect(params["~standard"].validate({ url: "/", headers: { [name]: value } })).toMatchObject({
      issues: [{ path: ["headers", name] }],
    });
  });

  test("that can't be sent end the call before anything is sent", async () => {
    const { post } = connector({ headers: { "x-broken": "a\nb" } });
    expect(await failureOf(post.execute({ url: "/" }, callContext()))).toMatchObject({
      name: "LogicError",
      effect: "none",
    });
  });
});
