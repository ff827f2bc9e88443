// Finds the Node and the pnpm that the workspace's tools need. What is missing on this machine comes from the npm
// registry through `npm exec`, which keeps it in npm's own cache: nothing is installed globally.
// The answer is an environment in which plain `node` and `pnpm` are the right ones.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";

const nodeToFetch = "node@24";

/** @typedef {NodeJS.ProcessEnv} Environment */

/**
 * `fetchCommand` gets what is missing and prints the PATH on which it lies, for `useFetchedTools`.
 * @param {string} root the workspace root
 * @returns {{ env: Environment, missing: string[], fetchCommand: [string, ...string[]] }}
 */
export function findToolchain(root) {
  const manifest = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8"));
  /** @type {string} */
  const pnpmToFetch = manifest.packageManager;
  const env = quietEnvironment();
  const missing = [];
  if (satisfies(process.versions.node, manifest.engines.node)) prependToPath(env, [path.dirname(process.execPath)]);
  else missing.push(nodeToFetch);
  if (pnpmMajor(root, env) !== majorOf(pnpmToFetch.replace("pnpm@", ""))) missing.push(pnpmToFetch);
  return { env, missing, fetchCommand: fetchCommand(missing) };
}

/**
 * Puts the folders that `npm exec` made in front of the PATH.
 * @param {Environment} env
 * @param {string} output what the fetch command printed
 */
export function useFetchedTools(env, output) {
  const printedPath = output.trim().split("\n").at(-1) ?? "";
  const folders = printedPath.split(path.delimiter).filter((folder) => folder.includes("_npx"));
  if (folders.length === 0) throw new Error(`npm exec did not say where it put the tools. It printed:\n${output}`);
  prependToPath(env, folders);
}

/**
 * Whether a version lies in a range of the form `^22.18 || ^24.11 || >=26`, the only form the root package.json uses.
 * @param {string} version
 * @param {string} range
 */
export function satisfies(version, range) {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return range.split("||").some((part) => {
    const match = /^(\^|>=)(\d+)(?:\.(\d+))?/.exec(part.trim());
    if (match === null) throw new Error(`package.json: cannot read the Node range "${part.trim()}"`);
    const [, operator, wantedMajor, wantedMinor = "0"] = match;
    if (major === Number(wantedMajor)) return minor >= Number(wantedMinor);
    return operator === ">=" && major > Number(wantedMajor);
  });
}

/**
 * @param {string} root
 * @param {Environment} env
 */
function pnpmMajor(root, env) {
  const probe = spawnSync("pnpm", ["--version"], {
    cwd: root,
    env,
    encoding: "utf8",
    shell: process.platform === "win32",
  });
  return probe.status === 0 ? majorOf(probe.stdout) : undefined;
}

/** @param {string} version */
function majorOf(version) {
  return version.trim().split(".")[0];
}

/**
 * Under `npm start` the running npm is known by its file; that works also where `npm` is a .cmd file.
 * @param {string[]} packages
 * @returns {[string, ...string[]]}
 */
function fetchCommand(packages) {
  const running = process.env["npm_execpath"] ?? "";
  const wanted = packages.map((name) => `--package=${name}`);
  const args = ["exec", "--yes", "--loglevel=error", ...wanted, "--", "node", "-p", "process.env.PATH"];
  return path.basename(running) === "npm-cli.js" ? [process.execPath, running, ...args] : ["npm", ...args];
}

/**
 * Ours, without telemetry, update checks and questions.
 * @returns {Environment}
 */
export function quietEnvironment() {
  return {
    ...process.env,
    TURBO_TELEMETRY_DISABLED: "1",
    TURBO_NO_UPDATE_NOTIFIER: "1",
    DO_NOT_TRACK: "1",
    COREPACK_ENABLE_DOWNLOAD_PROMPT: "0",
    npm_config_update_notifier: "false",
  };
}

/**
 * @param {Environment} env
 * @param {string[]} folders
 */
function prependToPath(env, folders) {
  // Windows spells the name in its own way.
  const key = Object.keys(env).find((name) => name.toUpperCase() === "PATH") ?? "PATH";
  env[key] = [...folders, env[key]].join(path.delimiter);
}
