/** Files given to the command line whose exports are not what they should be: what is wrong is said, and where. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runCommandLine, type OutputStream } from "millrace";
import * as fc from "fast-check";
import { fuzz, type FuzzTarget, type Verdict } from "./fuzz-target.ts";

const SCHEMA = '{ "~standard": { version: 1, vendor: "x", validate: (value) => ({ value }) } }';
/** The parts of a file, each an expression; any of them may be replaced. */
const PARTS = {
  name: '"shop"',
  major: "1",
  topics: `{ found: ${SCHEMA} }`,
  connector: `{ name: "bank", operations: { pay: { kind: "mutation", params: ${SCHEMA}, execute: async () => null } } }`,
  connectors: "{ bank: connector }",
  schedule: '{ interval: "5m" }',
  publishes: '["found"]',
  producers: "{ poll: { publishes, schedule, handler: async () => undefined } }",
  consumers: '{ act: { subscribe: ["found"], publishes: [], prepare: async () => ({ data: null }) } }',
  workflow: "{ name, major, topics, connectors, producers, consumers }",
  workflows: "[workflow]",
  jobHandlers: '[{ name: "work", handler: async () => null }]',
  policy: "{ handler: { timeoutMs: 1000 } }",
  webhooks: '{ bank: { secret: "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=" } }',
  whole: "{ workflows, jobHandlers, policy, webhooks, connectors: { bank: connector } }",
};
type Part = keyof typeof PARTS;

const EXPRESSIONS = [
  "undefined",
  "null",
  "0",
  "-1",
  "NaN",
  "10n",
  '"x"',
  '""',
  "[]",
  "[null]",
  "{}",
  "{ a: null }",
  "{ __proto__: null }",
  "Object.create(null)",
  "Symbol('s')",
  "() => undefined",
  "new Date(NaN)",
  "new Map()",
  "true",
  "{ interval: 5 }",
  '{ cron: "61 * * * *" }',
  "{ ...(typeof workflow === 'undefined' ? {} : workflow), extra: 1 }",
  "(() => { throw new Error('it throws') })()",
  "Promise.resolve({})",
];

export type Replacements = Partial<Record<Part, string>>;

const replacements: fc.Arbitrary<Replacements> = fc
  .uniqueArray(fc.tuple(fc.constantFrom(...(Object.keys(PARTS) as Part[])), fc.constantFrom(...EXPRESSIONS)), {
    selector: ([part]) => part,
    minLength: 1,
    maxLength: 2,
  })
  // The keys are those of the parts.
  .map((pairs) => Object.fromEntries(pairs) as Replacements);

class Captured implements OutputStream {
  text = "";

  write(text: string): void {
    this.text += text;
  }
}

/** Runs the file once. @throws for what the command line did not expect */
export async function runFile(replaced: Replacements): Promise<Verdict> {
  const folder = mkdtempSync(join(tmpdir(), "millrace-fuzz-file-"));
  try {
    const file = join(folder, "workflows.mjs");
    const parts = Object.entries({ ...PARTS, ...replaced }).map(([part, text]) => `const ${part} = ${text};`);
    writeFileSync(file, [...parts, "export default whole;"].join("\n"));
    const [stdout, stderr] = [new Captured(), new Captured()];
    const words = ["run", file, "--once", "--database", `sqlite:${join(folder, "millrace.sqlite")}`];
    const exitCode = await runCommandLine(words, { stdout, stderr, env: {} });
    if (stderr.text.includes("This was not expected")) throw new Error(stderr.text);
    if (exitCode !== 0 && stderr.text === "") throw new Error(`It ended with ${exitCode}, and said nothing.`);
    return exitCode === 0 ? "accepted" : "refused";
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export const configuration: FuzzTarget = {
  name: "configuration",
  run: (options) => fuzz("configuration", options, replacements, runFile),
};
