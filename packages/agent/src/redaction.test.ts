import type { JsonValue } from "@millrace/db";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { collectSecrets, isSecretKey, redactText, redactValue } from "./redaction.ts";

const SECRET_KEYS = [
  "password",
  "Password",
  "PASSWORD",
  "dbPassword",
  "db_password",
  "db-password",
  "password2",
  "passwd",
  "pwd",
  "passphrase",
  "secret",
  "secrets",
  "clientSecret",
  "client_secret",
  "CLIENT_SECRET",
  "secretKey",
  "SECRET_KEY",
  "secretAccessKey",
  "token",
  "tokens",
  "accessToken",
  "access_token",
  "accesstoken",
  "refreshToken",
  "id_token",
  "authToken",
  "APIToken",
  "x-auth-token",
  "jwt",
  "apiKey",
  "api_key",
  "API_KEY",
  "APIKey",
  "apikey",
  "api key",
  "X-API-Key",
  "privateKey",
  "encryptionKey",
  "authorization",
  "Authorization",
  "proxy-authorization",
  "cookie",
  "Set-Cookie",
  "credential",
  "credentials",
  "aws.credentials",
  "signature",
  "webhookSignature",
];

const HARMLESS_KEYS = [
  "tokenizer",
  "tokenCount",
  "secretary",
  "keyboard",
  "key",
  "keys",
  "monkey",
  "publicKey",
  "primary_key",
  "passwordless",
  "compass",
  "cookiecutter",
  "author",
  "authorizationUrl",
  "design",
  "name",
  "",
  "__proto__",
];

const HARMLESS_TEXTS = [
  "the tokenizer of the secretary has a keyboard",
  "tokenizer=fast keyboard: de secretary: Ada",
  "Basic authentication is not enough",
  "basic principles",
  "BASIC AUTHENTICATION",
  "Bearer authentication is needed",
  "the bearer token is missing",
  "see http://localhost:3000/users/@me",
  "https://example.org:8080/a?mail=ada@example.org",
  "at 09:00 and 10:00",
  "password",
  "",
];

describe("keys", () => {
  test.each(SECRET_KEYS)("%j is the key of a secret", (key) => {
    expect(isSecretKey(key)).toBe(true);
  });

  test.each(HARMLESS_KEYS)("%j is not the key of a secret", (key) => {
    expect(isSecretKey(key)).toBe(false);
  });
});

describe("values", () => {
  test("what is under a secret's key is replaced, however deep and whatever it is", () => {
    const value = {
      user: "ada",
      password: "hunter22",
      list: [{ apiKey: 12_345 }, { keep: [1, null, true] }],
      nested: { credentials: { user: "ada", pin: [1, 2] } },
      token: null,
    };
    expect(redactValue(value)).toEqual({
      user: "ada",
      password: "[redacted]",
      list: [{ apiKey: "[redacted]" }, { keep: [1, null, true] }],
      nested: { credentials: "[redacted]" },
      token: "[redacted]",
    });
  });

  test("a value without secrets is given back the same", () => {
    const harmless = fc.object({
      key: fc.constantFrom(...HARMLESS_KEYS.filter((key) => key !== "__proto__")),
      values: [fc.integer(), fc.boolean(), fc.constant(null), fc.constantFrom(...HARMLESS_TEXTS)],
    });
    fc.assert(
      fc.property(harmless, (value) => {
        // Numbers, texts, null and objects of them are JSON.
        expect(redactValue(value as JsonValue)).toEqual(value);
      }),
    );
  });

  test("secrets from elsewhere are replaced in every text of a value", () => {
    expect(redactValue({ a: ["x hunter22 y"], b: "hunter22" }, ["hunter22"])).toEqual({
      a: ["x [redacted] y"],
      b: "[redacted]",
    });
  });

  test("a key that means something to JavaScript stays a key", () => {
    const value = JSON.parse('{"__proto__":{"password":"hunter22"}}') as JsonValue;
    expect(JSON.stringify(redactValue(value))).toBe('{"__proto__":{"password":"[redacted]"}}');
  });
});

describe("texts", () => {
  test.each([
    ["Authorization: Bearer abc.def-123", "abc.def-123"],
    ["authorization: bearer eyJhbGciOi", "eyJhbGciOi"],
    ["sent Basic dXNlcjpwYXNz", "dXNlcjpwYXNz"],
    ["sent basic YWRtaW46YWRtaW4=", "YWRtaW46YWRtaW4="],
    ["connect to postgres://ada:hunter22@db.example/x failed", "hunter22"],
    ["connect to redis://:hunter22@cache.example failed", "hunter22"],
    ["connect to mongodb+srv://ada:hunt@er22@db.example failed", "er22"],
    ["GET /x?access_token=abc123&y=1", "abc123"],
    ["password=hunter22", "hunter22"],
    ["Password: hunter22", "hunter22"],
    ["secret_key=hunter22", "hunter22"],
    ["PRIVATE_KEY = hunter22", "hunter22"],
    ["passphrase: hunter22", "hunter22"],
    ['{"password":"my dear hunter22"}', "hunter22"],
    ["{'password': 'my dear hunter22'}", "hunter22"],
    ['{\\"password\\":\\"my dear hunter22\\"}', "hunter22"],
    ['{"password":"with \\" quote hunter22"}', "hunter22"],
    ["apiKey: 'hunter22'", "hunter22"],
    ["x-api-key: hunter22", "hunter22"],
  ])("%s does not show its secret", (text, secret) => {
    expect(redactText(text)).not.toContain(secret);
    expect(redactText(text)).toContain("[redacted]");
  });

  test("what is around a secret stays", () => {
    expect(redactText("GET https://ada:hunter22@api.example/x?token=abc&page=2 failed (401)")).toBe(
      "GET https://ada:[redacted]@api.example/x?token=[redacted]&page=2 failed (401)",
    );
  });

  test.each(HARMLESS_TEXTS)("%j stays as it is", (text) => {
    expect(redactText(text)).toBe(text);
  });

  test("the longest secret is replaced first, so that none leaves its end behind", () => {
    expect(redactText("is abcdefghij", ["abcdef", "abcdefghij"])).toBe("is [redacted]");
  });

  test("a secret that would be a pattern is found as it is", () => {
    expect(redactText("is $&(.*)[ ok", ["$&(.*)["])).toBe("is [redacted] ok");
  });

  test.each([
    '{"password":"hunter2 and',
    "token='hunter2 and",
    String.raw`{\"secret\":\"hunter2 and`,
    '"apiKey": "hunter2\\',
  ])("a secret in quotes that were cut off is replaced: %s", (text) =>
    expect(redactText(text)).toMatch(/^[^h]*\[redacted\]$/),
  );

  test("a long text of any kind is gone through", () => {
    for (const piece of ["a", "token ", 'password:"', "a://", "a://b:", "Basic ", "Bearer ", "token=\\", " "]) {
      const text = piece.repeat(300_000 / piece.length);
      expect(redactText(text).length).toBeGreaterThan(0);
    }
  });
});

describe("secrets of a payload", () => {
  test("texts and long numbers under secrets' keys are collected, and nothing else", () => {
    const payload = {
      user: "ada-lovelace",
      password: "hunter22",
      pinToken: 1_234_567,
      token: "short",
      list: [{ secret: { first: "first-secret", flag: true } }],
    };
    expect(collectSecrets(payload).toSorted()).toEqual(["1234567", "first-secret", "hunter22"]);
    for (const plain of [null, 5, "text", [], {}, true]) expect(collectSecrets(plain)).toEqual([]);
  });

  test("whatever a payload holds under a secret's key, an error's text does not show it", () => {
    // The sign is in none of the other texts, so that nothing else can make up the secret.
    const secret = fc.string({ minLength: 5, maxLength: 30 }).map((text) => `§${text}`);
    fc.assert(
      fc.property(fc.constantFrom(...SECRET_KEYS), secret, fc.string(), fc.string(), (key, text, before, after) => {
        const secrets = collectSecrets({ list: [{ [key]: text }] });
        expect(secrets).toEqual([text]);
        expect(redactText(`${before} ${text} ${after}`, secrets)).not.toContain(text);
      }),
    );
  });
});
