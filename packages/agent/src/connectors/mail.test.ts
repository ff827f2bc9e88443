import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { LogicError, NetworkError } from "../errors.ts";
import { mail, type MailCursor } from "./mail.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "millrace-mail-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const context = { signal: new AbortController().signal, now: () => 0 };
const message = (id: string, body = "Hello") =>
  `From: Ada <ada@example.com>\r\nSubject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\nMessage-ID: <${id}@example.com>\r\n\r\n${body}\r\n`;
const list = (cursor?: MailCursor) => mail({ folder }).operations.list.execute(cursor ? { cursor } : {}, context);
const read = (file: string, maxMessageBytes?: number) =>
  mail({ folder, ...(maxMessageBytes !== undefined && { maxMessageBytes }) }).operations.read.execute(
    { file },
    context,
  );

test("a folder of .eml files is listed once, and what is added later is listed then, whatever its name", async () => {
  writeFileSync(join(folder, "b.eml"), message("b"));
  writeFileSync(join(folder, "notes.txt"), "no mail");
  writeFileSync(join(folder, ".hidden.eml"), "still being written");
  const first = await list();
  expect(first.files.map(({ file }) => file)).toEqual(["b.eml"]);
  expect((await list(first.cursor)).files).toEqual([]);
  writeFileSync(join(folder, "a.eml"), message("a"));
  const second = await list(first.cursor);
  expect(second.files.map(({ file }) => file)).toEqual(["a.eml"]);
  expect((await list(second.cursor)).files).toEqual([]);
});

test("a Maildir is listed, and a message that moves to cur is still read", async () => {
  for (const part of ["new", "cur", "tmp"]) mkdirSync(join(folder, part));
  writeFileSync(join(folder, "new", "1.host"), message("one"));
  writeFileSync(join(folder, "tmp", "2.host"), message("two"));
  const { files } = await list();
  expect(files.map(({ file }) => file)).toEqual([join("new", "1.host")]);
  renameSync(join(folder, "new", "1.host"), join(folder, "cur", "1.host:2,S"));
  expect(await read(join("new", "1.host"))).toMatchObject({ id: "<one@example.com>", subject: "Grüße", problem: null });
});

test("a message without a Message-ID is known by its content", async () => {
  const anonymous = "From: ada@example.com\r\nSubject: x\r\n\r\nHi\r\n";
  writeFileSync(join(folder, "1.eml"), anonymous);
  writeFileSync(join(folder, "2.eml"), anonymous);
  const [one, two] = [await read("1.eml"), await read("2.eml")];
  expect(one.id).toMatch(/^sha256:/);
  expect(two.id).toBe(one.id);
});

test("what can't be read as it should says why, and stops nothing", async () => {
  writeFileSync(join(folder, "garbage.eml"), Buffer.from([0, 255, 254, 10, 13, 0, 1]));
  writeFileSync(join(folder, "empty.eml"), "");
  writeFileSync(join(folder, "big.eml"), message("big", "x".repeat(5_000)));
  expect((await read("garbage.eml")).problem).not.toBeNull();
  expect((await read("empty.eml")).problem).not.toBeNull();
  expect((await read("big.eml", 1_000)).problem).toContain("at most 1000 are read");
  expect((await read("big.eml")).problem).toBeNull();
});

test("the text of a message that has only HTML is made from it", async () => {
  writeFileSync(
    join(folder, "1.eml"),
    "From: a@example.com\r\nSubject: s\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<p>Hello <b>Bob</b></p><script>x()</script>",
  );
  expect((await read("1.eml")).text.trim()).toBe("Hello Bob");
});

test.each(["../secret.eml", "/etc/passwd", "a\0b"])("the path %j is refused", async (file) => {
  await expect(read(file)).rejects.toThrow(LogicError);
});

test("a folder that is gone is a passing trouble", async () => {
  rmSync(folder, { recursive: true });
  await expect(list()).rejects.toThrow(NetworkError);
  await expect(read("1.eml")).rejects.toThrow(NetworkError);
});
