import { fileURLToPath } from "node:url";
import { mail } from "@millrace/agent";
import { expect, test } from "vitest";
import { DUPLICATE_FILE, EXPECTED_INVOICES, OTHER_FILES, PROBLEM_FILES } from "./expected-invoices.ts";
import { readAmount, readInvoice } from "./read-invoice.ts";

const inbox = mail({ folder: fileURLToPath(new URL("../inbox", import.meta.url)) });
const context = { signal: new AbortController().signal, now: () => Date.now() };

test.each(EXPECTED_INVOICES)("$file is read as invoice $number", async ({ file, ...expected }) => {
  const { text } = await inbox.operations.read.execute({ file }, context);
  expect(readInvoice(text)).toEqual({ kind: "invoice", invoice: expected });
});

test("the second delivery of a message has the id of the first", async () => {
  const [first, second] = await Promise.all(
    ["06-cloudworks-alternative.eml", DUPLICATE_FILE].map((file) => inbox.operations.read.execute({ file }, context)),
  );
  expect(second?.id).toBe(first?.id);
});

test.each(OTHER_FILES)("%s is no invoice", async (file) => {
  const { text } = await inbox.operations.read.execute({ file }, context);
  expect(readInvoice(text)).toEqual({ kind: "other" });
});

test("an invoice without an amount says so", async () => {
  const { text } = await inbox.operations.read.execute({ file: PROBLEM_FILES[1] }, context);
  expect(readInvoice(text)).toEqual({ kind: "unreadable", reason: "invoice SG-12 names no amount" });
});

test("every message of the inbox is expected", async () => {
  const { files } = await inbox.operations.list.execute({}, context);
  const expected = [...EXPECTED_INVOICES.map(({ file }) => file), DUPLICATE_FILE, ...OTHER_FILES, ...PROBLEM_FILES];
  expect(files.map(({ file }) => file).toSorted()).toEqual(expected.toSorted());
});

test.each([
  ["1.234,56 €", "1234.56"],
  ["$1,234.56", "1234.56"],
  ["CHF 1'234.50", "1234.50"],
  ["¥12,000", "12000.00"],
  ["18 500,00 RUB", "18500.00"],
  ["EUR 5", "5.00"],
])("%s is read as %s", (text, amount) => {
  expect(readAmount(text)).toBe(amount);
});
