// The one home of what `npm start`, `npm test` and CI do: on a machine with git, npm and any Node from 18 on it gets the
// tools, installs, builds and runs. Plain JavaScript without dependencies, because it runs before anything is installed.
//
//   node scripts/bootstrap.mjs start [arguments of the example]
//   node scripts/bootstrap.mjs jobs  [arguments of the example]
//   node scripts/bootstrap.mjs millrace [arguments of the command line]
//   node scripts/bootstrap.mjs test  [arguments of vitest run]
//   node scripts/bootstrap.mjs check
//   node scripts/bootstrap.mjs screenshots [names of views]
//   node scripts/bootstrap.mjs crash [invoices|jobs|--disk-full|--power-cut] [--cycles 1000] [--seed 1]
//   node scripts/bootstrap.mjs simulate [--seeds 1000] [--from 1]
//   node scripts/bootstrap.mjs variants [--only name]
//   node scripts/bootstrap.mjs models [--sequences 10000] [--seed 1]
//   node scripts/bootstrap.mjs fuzz [targets] [--runs 300] [--seed 1]
//   node scripts/bootstrap.mjs soak [--hours 24] [--seed 1]
//   node scripts/bootstrap.mjs bench [arguments of the benchmarks]
//   node scripts/bootstrap.mjs bench costs [--large]
//   node scripts/bootstrap.mjs bench:peers [--rounds 5] [--quick] [--only name,…] [--json file]
import path from "node:path";
import { fileURLToPath } from "node:url";
import { runInForeground, runStep, StepFailedError } from "./run-process.mjs";
import { provideBrowser, provideStrace, provideTestTools } from "./test-tools.mjs";
import { findToolchain, useFetchedTools } from "./toolchain.mjs";

/** @typedef {import("./toolchain.mjs").Environment} Environment */

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..");

/** The static checks, each a script of the root package.json; quick ones first. */
const checks = ["format:check", "lint", "typecheck", "unused", "packaging"];

/** @type {Map<string | undefined, (env: Environment, args: string[]) => Promise<number>>} */
const commands = new Map([
  ["start", program("examples", "invoice-mail", "src", "main.ts")],
  ["jobs", program("examples", "jobs", "src", "main.ts")],
  ["millrace", program("packages", "cli", "dist", "main.js")],
  ["test", runTests],
  ["check", runChecks],
  ["crash", crash],
  ["simulate", program("packages", "tests", "src", "simulation", "simulate-command.ts")],
  ["variants", sources("packages", "tests", "src", "simulation", "variants", "variants-command.ts")],
  ["models", program("packages", "tests", "src", "models", "models-command.ts")],
  ["fuzz", sources("packages", "tests", "src", "fuzz", "fuzz-command.ts")],
  ["soak", sources("packages", "tests", "src", "soak", "soak-command.ts")],
  ["bench", bench],
  ["bench:peers", program("benchmarks", "src", "peers", "main.ts")],
  ["screenshots", takeScreenshots],
]);

/** @param {string[]} commandLine */
async function main([name, ...args]) {
  const command = commands.get(name);
  if (command === undefined) {
    throw new Error(`unknown command "${name ?? ""}"; use one of: ${[...commands.keys()].join(", ")}`);
  }
  return command(await setUp(), args);
}

async function setUp() {
  const { env, missing, fetchCommand } = findToolchain(root);
  if (missing.length > 0) {
    const place = { cwd: root, env: process.env };
    useFetchedTools(env, await runStep(`Fetching ${missing.join(" and ")}`, fetchCommand, place));
  }
  const place = { cwd: root, env };
  await runStep("Installing", ["pnpm", "install", "--frozen-lockfile", "--config.confirm-modules-purge=false"], place);
  await runStep("Building", ["pnpm", "run", "build"], place);
  return env;
}

/**
 * A program of this repository, run with the built packages.
 * @param {string[]} place
 */
function program(...place) {
  return runNode([path.join(...place)]);
}

/**
 * A program of this repository, run on the sources.
 * @param {string[]} place
 */
function sources(...place) {
  return runNode(["--conditions=millrace-source", path.join(...place)]);
}

/**
 * @param {string[]} start what comes before the arguments
 * @returns {(env: Environment, args: string[]) => Promise<number>}
 */
function runNode(start) {
  return (env, args) => runInForeground(["node", ...start, ...args], { cwd: root, env });
}

/** @type {(env: Environment, args: string[]) => Promise<number>} */
async function crash(env, args) {
  if (args.includes("--power-cut") || args[0] === "power-cut") await provideStrace(root, env);
  return program("packages", "tests", "src", "crash", "crash-command.ts")(env, args);
}

/** @type {(env: Environment, args: string[]) => Promise<number>} */
async function bench(env, args) {
  const [part, ...rest] = args;
  // What a test asserts is counted where the tests are.
  if (part === "costs") return program("packages", "tests", "src", "performance", "costs-command.ts")(env, rest);
  return program("benchmarks", "src", "main.ts")(env, args);
}

/** @type {(env: Environment, args: string[]) => Promise<number>} */
async function runTests(env, args) {
  await provideTestTools(root, env);
  return runInForeground(["node", "node_modules/vitest/vitest.mjs", "run", ...args], { cwd: root, env });
}

/** @type {(env: Environment, args: string[]) => Promise<number>} */
async function takeScreenshots(env, args) {
  await provideBrowser(root, env);
  return program("packages", "tests", "src", "e2e", "screenshots-command.ts")(env, args);
}

/**
 * Runs every check even when one fails, so that one run shows all there is to mend.
 * @param {Environment} env
 */
async function runChecks(env) {
  const failures = [];
  for (const check of checks) {
    try {
      await runStep(`Checking ${check}`, ["pnpm", "run", check], { cwd: root, env });
    } catch (error) {
      if (!(error instanceof StepFailedError)) throw error;
      failures.push(error);
    }
  }
  for (const failure of failures) process.stderr.write(`\n${failure.message}\n`);
  return failures.length === 0 ? 0 : 1;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`\n${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = error instanceof StepFailedError ? error.exitCode : 1;
}
