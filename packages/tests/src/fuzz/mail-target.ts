/** Mail folders with whatever a mail server, a person or an attacker leaves there: nothing keeps the other mails from being read. */
import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { mail } from "@millrace/agent";
import * as fc from "fast-check";
import { fuzz, type FuzzTarget, type Verdict } from "./fuzz-target.ts";
import { mutatedText } from "./hostile-values.ts";

const SOUND = "From: ada@example.com\r\nSubject: sound\r\nMessage-ID: <sound@example.com>\r\n\r\nHello\r\n";
/** Longer than any input takes, and far from what a hang would. */
const LONGEST_MS = 20_000;

const BOUNDARIES = 'multipart/mixed; boundary="b"';
const EXAMPLES = [
  SOUND,
  `From: =?utf-8?q?Gr=C3=BC=C3=9Fe?= <a@example.com>\r\nTo: Bob <b@example.com>, list: c@example.com;\r\nSubject: =?iso-8859-1?b?4Q==?=\r\n folded\r\nDate: Tue, 1 Jul 2003 10:52:37 +0200\r\nContent-Type: ${BOUNDARIES}\r\n\r\n--b\r\nContent-Type: text/plain; charset=windows-1252\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n=E4=\r\n=3D\r\n--b\r\nContent-Type: text/html; charset=gb18030\r\nContent-Transfer-Encoding: base64\r\n\r\nPGI+SGk8L2I+\r\n--b\r\nContent-Type: application/pdf; name*=utf-8''%e2%82%ac.pdf\r\nContent-Disposition: attachment; filename*0="a"; filename*1="b"\r\nContent-Transfer-Encoding: base64\r\n\r\nAAAA\r\n--b--\r\n`,
  `From: a@example.com\r\nContent-Type: ${BOUNDARIES}\r\n\r\n--b\r\nContent-Type: message/rfc822\r\n\r\nFrom: c@example.com\r\nSubject: inner\r\n\r\ninner\r\n--b\r\nContent-Type: multipart/alternative; boundary=c\r\n\r\n--c\r\n\r\none\r\n--c--\r\n--b--\r\n`,
];

const PIECES = [
  "\u0000",
  "\r\n",
  "\n",
  "\r\n ",
  "--b",
  "--b--\r\n",
  "=?utf-8?q?",
  "?=",
  "charset=utf-7",
  "charset=none-such",
  "Content-Type: multipart/mixed",
  "Content-Transfer-Encoding: x-unknown\r\n",
  "\ud800",
  "x".repeat(5_000),
];

/** What stands for a mail; `bytes` are the content of a file, the rest is what is no file. */
type Content =
  | { kind: "bytes"; bytes: Uint8Array }
  | { kind: "folder" | "link out" | "link round" | "dangling" | "pipe" | "forbidden" };

const nested = (levels: number) =>
  Array.from(
    { length: levels },
    (_, level) => `Content-Type: multipart/mixed; boundary=b${level}\r\n\r\n--b${level}\r\n`,
  ).join("");

const HUGE: readonly string[] = [
  `From: a@example.com\r\nSubject: ${"s".repeat(2_000_000)}\r\n\r\nx`,
  `From: a@example.com\r\nMessage-ID: <${"m".repeat(100_000)}>\r\n\r\nx`,
  `From: a@example.com\r\nTo: ${"a@b.c, ".repeat(20_000)}\r\n\r\nx`,
  `From: a@example.com\r\n\r\n${"y".repeat(10_000_000)}`,
  `From: a@example.com\r\n${nested(3_000)}`,
  `From: a@example.com\r\nContent-Type: text/html\r\n\r\n${"<div>".repeat(20_000)}`,
  `From: a@example.com\r\nContent-Type: text/html\r\n\r\n${"<table><tr><td>".repeat(300)}`,
  `From: a@example.com\r\n${"X: y\r\n".repeat(50_000)}\r\nx`,
  `From: a@example.com\r\nSubject: ${"=?utf-8?q?a?= ".repeat(20_000)}\r\n\r\nx`,
  `From: ${"(".repeat(50_000)}\r\n\r\nx`,
  `From: ${'"<'.repeat(50_000)}\r\n\r\nx`,
];

const bytes = (text: string): Content => ({ kind: "bytes", bytes: Buffer.from(text, "latin1") });
const content: fc.Arbitrary<Content> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .constantFrom(...EXAMPLES)
      .chain((text) => mutatedText(text, PIECES))
      .map(bytes),
  },
  { weight: 2, arbitrary: fc.uint8Array({ maxLength: 300 }).map((raw): Content => ({ kind: "bytes", bytes: raw })) },
  {
    weight: 2,
    arbitrary: fc
      .constantFrom("folder", "link out", "link round", "dangling", "pipe", "forbidden")
      .map((kind): Content => ({ kind })),
  },
  { weight: 1, arbitrary: fc.constantFrom(...HUGE).map(bytes) },
);

const mailFolder = fc.record({
  isMaildir: fc.boolean(),
  contents: fc.array(content, { minLength: 1, maxLength: 4 }),
  /** Names in the encoding of an old system too. */
  inLatin1: fc.boolean(),
});
export type MailFolder = { isMaildir: boolean; contents: Content[]; inLatin1: boolean };

/** Fills a folder, lists it and reads what is listed, as a producer does. */
export async function readFolder({ isMaildir, contents, inLatin1 }: MailFolder): Promise<Verdict> {
  const ground = mkdtempSync(join(tmpdir(), "millrace-fuzz-mail-"));
  const folder = join(ground, "mail");
  const inside = isMaildir ? join(folder, "new") : folder;
  try {
    mkdirSync(inside, { recursive: true });
    if (isMaildir) mkdirSync(join(folder, "cur"));
    writeFileSync(join(ground, "secret"), "From: s@example.com\r\nSubject: the secret\r\n\r\nx");
    contents.forEach((one, index) =>
      put(ground, Buffer.from(`${inside}/${inLatin1 ? "gr\u00fc\u00dfe" : "m"}${index}.eml`, "latin1"), one),
    );
    writeFileSync(join(inside, "sound.eml"), SOUND);
    const { list, read } = mail({ folder }).operations;
    const context = { signal: AbortSignal.timeout(LONGEST_MS), now: () => 0 };
    const { files } = await list.execute({}, context);
    const expected = contents.length + 1;
    if (files.length !== expected) throw new Error(`${files.length} of ${expected} mails are listed.`);
    let problems = 0;
    const subjects: string[] = [];
    for (const { file } of files) {
      const startedAt = performance.now();
      const message = await read.execute({ file }, context);
      if (performance.now() - startedAt > LONGEST_MS) throw new Error(`Reading ${file} took too long.`);
      if (message.id.length > 1_000) throw new Error(`The id of ${file} has ${message.id.length} characters.`);
      // What is given must be JSON: it becomes the payload of an event.
      JSON.stringify(message);
      subjects.push(message.subject);
      if (message.problem !== null) problems += 1;
    }
    if (!subjects.includes("sound")) throw new Error("The sound mail was not read.");
    if (subjects.includes("the secret")) throw new Error("A mail of another folder was read.");
    return problems > 0 ? "refused" : "accepted";
  } finally {
    rmSync(ground, { recursive: true, force: true });
  }
}

function put(ground: string, path: Buffer, one: Content): void {
  switch (one.kind) {
    case "bytes":
      return writeFileSync(path, one.bytes);
    case "folder":
      mkdirSync(path);
      return;
    case "link out":
      return symlinkSync(join(ground, "secret"), path);
    case "link round":
      return symlinkSync(path, path);
    case "dangling":
      return symlinkSync(join(ground, "nothing"), path);
    case "pipe":
      // A name that is no UTF-8 can't be given to another program as an argument.
      if (path.includes(0xfc)) return writeFileSync(path, "");
      return void execFileSync("mkfifo", [path.toString()]);
    case "forbidden":
      writeFileSync(path, SOUND.replaceAll("sound", "forbidden"));
      return chmodSync(path, 0);
  }
}

export const mailFolders: FuzzTarget = {
  name: "mail",
  run: (options) => fuzz("mail", options, mailFolder, readFolder),
};
