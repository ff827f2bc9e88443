import { describe, expect, test } from "vitest";
import { mailFolders, readFolder } from "./mail-target.ts";

test("whatever lies in a mail folder, the sound mail is read, and nothing outside of the folder", async () => {
  const { inputs } = await mailFolders.run({ seed: 20_260_101, runs: 60 });
  expect(inputs).toBe(60);
}, 60_000);

describe("what once kept the other mails from being read, or led out of the folder", () => {
  test.each(["folder", "link out", "link round", "dangling", "pipe", "forbidden"] as const)(
    "a %s in the place of a mail",
    async (kind) => {
      for (const isMaildir of [false, true]) {
        const verdict = await readFolder({ isMaildir, contents: [{ kind }], inLatin1: false });
        // Who may read everything reads the forbidden one too.
        expect(verdict).toBeOneOf(kind === "forbidden" ? ["accepted", "refused"] : ["refused"]);
      }
    },
  );

  test("a name that is no UTF-8", async () => {
    const bytes = Buffer.from("From: a@example.com\r\nSubject: x\r\n\r\nx");
    expect(await readFolder({ isMaildir: false, contents: [{ kind: "bytes", bytes }], inLatin1: true })).toBe(
      "accepted",
    );
  });

  test("a Message-ID that is as long as a book", async () => {
    const bytes = Buffer.from(`From: a@example.com\r\nMessage-ID: <${"m".repeat(100_000)}>\r\n\r\nx`);
    expect(await readFolder({ isMaildir: false, contents: [{ kind: "bytes", bytes }], inLatin1: false })).toBe(
      "accepted",
    );
  });
});
