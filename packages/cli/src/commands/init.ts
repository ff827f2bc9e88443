import { mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { basename, dirname, join, relative, resolve } from "node:path";
import { MillraceError } from "@millrace/agent";
import type { Context } from "../context.ts";
import { printJson } from "../output/json.ts";
import { printable } from "../output/printable.ts";
import type { Program, SharedOptions } from "../program.ts";
import { completeManifest, readProjectTemplate, type ProjectFile } from "../project-template.ts";

/** The project can't be written there. */
class InitRefusedError extends MillraceError {}

interface Options extends SharedOptions {
  force?: true | undefined;
}

const AFTER_HELP = `
The project runs on Node 22.18 or newer and needs nothing else: no account, no server, no build.

Examples:
  millrace init
  millrace init invoices && cd invoices && npm test && npm start
  npm install millrace && npx millrace init && npm test && npm start`;

export function addInit(program: Program, context: Context): void {
  program
    .command("init")
    .description("Write a new project into an empty folder: a commented workflow that runs, and its test.")
    .argument("[folder]", "where to; it is made if it is not there", ".")
    .option("--force", "write into a folder that is not empty; what is there stays as it is")
    .addHelpText("after", AFTER_HELP)
    .action((folder, _options, command) => {
      const options: Options = command.optsWithGlobals();
      const target = resolve(folder);
      const result = writeProject(target, options.force === true);
      if (options.json) printJson(context.stdout, { folder: target, ...result });
      else context.stdout.write(describe(target, result, context));
    });
}

interface Result {
  written: string[];
  /** What was there already, and was left alone. */
  kept: string[];
  /** The manifest that was there already, and has got what it lacked. */
  completed: string[];
}

/** What an installation of packages leaves in a folder that is empty otherwise. */
const LEFT_BY_NPM = [".git", "node_modules", "package.json", "package-lock.json"];

function writeProject(target: string, force: boolean): Result {
  if (!force) assertEmpty(target);
  const result: Result = { written: [], kept: [], completed: [] };
  for (const file of readProjectTemplate(basename(target))) {
    if (writeNew(target, file)) result.written.push(file.path);
    else if (file.path === "package.json") (complete(target, file) ? result.completed : result.kept).push(file.path);
    else result.kept.push(file.path);
  }
  return result;
}

/** A repository that holds nothing yet counts as empty, and so does a folder into which only packages were installed. */
function assertEmpty(target: string): void {
  const found = entriesOf(target).filter((name) => !LEFT_BY_NPM.includes(name));
  const [first] = found;
  if (first === undefined) return;
  const others = found.length === 1 ? "" : ` and ${found.length - 1} more`;
  throw new InitRefusedError(
    `${target} is not empty: there is ${first}${others}. Name another folder, or add --force to write beside it; nothing is ever overwritten.`,
  );
}

function entriesOf(target: string): string[] {
  try {
    return readdirSync(target);
  } catch (error) {
    if (hasCode(error, "ENOENT")) return [];
    throw new InitRefusedError(`${target} can't be used as a folder. Name another one.`, { cause: error });
  }
}

/** Writes a file that is not there; false where one is. */
function writeNew(target: string, { path, content }: ProjectFile): boolean {
  const file = join(target, path);
  try {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content, { flag: "wx" });
    return true;
  } catch (error) {
    if (hasCode(error, "EEXIST")) return false;
    throw new InitRefusedError(`${file} can't be written. Check that you may write there.`, { cause: error });
  }
}

/** Adds to the manifest that is there what the project needs; false where it lacks nothing. */
function complete(target: string, { path, content }: ProjectFile): boolean {
  const file = join(target, path);
  const present = readFileSync(file, "utf8");
  const completed = completeManifest(present, content);
  if (completed === null)
    throw new InitRefusedError(`${file} is no package manifest. Mend it, or name another folder.`);
  if (completed === present) return false;
  writeFileSync(file, completed);
  return true;
}

const hasCode = (error: unknown, code: string) => error instanceof Error && "code" in error && error.code === code;

function describe(target: string, { written, kept, completed }: Result, { colors }: Context): string {
  const inside = relative(process.cwd(), target);
  const steps = [...(inside === "" ? [] : [`cd ${inside}`]), "npm test", "npm start"];
  return [
    `A project is in ${printable(target)}:\n`,
    ...written.map((path) => `  ${path}\n`),
    ...completed.map((path) => `  ${path} was there already and has got what the project needs\n`),
    ...kept.map((path) => colors.dim(`  ${path} was there already and stays as it is\n`)),
    "\nGo on with:\n",
    ...steps.map((step) => `  ${printable(step)}\n`),
  ].join("");
}
