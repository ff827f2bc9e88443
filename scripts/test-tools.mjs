// What the tests need beside npm packages, from Debian's archive: a browser, Prometheus's checker of metrics, and what
// records the calls of a process.
// Where they are there already, nothing is installed; elsewhere than on Debian and its kin, the user is told what to do.
import { access, mkdir, mkdtemp, readdir, rename, rm } from "node:fs/promises";
import path from "node:path";
import { runStep } from "./run-process.mjs";

/** @typedef {import("./run-process.mjs").Command} Command */

/**
 * Makes `chromium`, `promtool` and `strace` available, and says where in MILLRACE_CHROMIUM, MILLRACE_PROMTOOL and
 * MILLRACE_STRACE.
 * @param {string} root
 * @param {NodeJS.ProcessEnv} env is added to
 */
export async function provideTestTools(root, env) {
  await provideBrowser(root, env);
  await provideStrace(root, env);
  env["MILLRACE_PROMTOOL"] ??= await providePromtool(root, env);
}

/**
 * Makes `chromium` available, and says where in MILLRACE_CHROMIUM.
 * @param {string} root
 * @param {NodeJS.ProcessEnv} env is added to
 */
export async function provideBrowser(root, env) {
  env["MILLRACE_CHROMIUM"] ??= await install("chromium", "MILLRACE_CHROMIUM", root, env);
}

/**
 * Makes `strace` available, and says where in MILLRACE_STRACE.
 * @param {string} root
 * @param {NodeJS.ProcessEnv} env is added to
 */
export async function provideStrace(root, env) {
  env["MILLRACE_STRACE"] ??= await install("strace", "MILLRACE_STRACE", root, env);
}

/**
 * @param {string} program of which the package has the name
 * @param {string} variable
 * @param {string} root
 * @param {NodeJS.ProcessEnv} env
 */
async function install(program, variable, root, env) {
  const found = await findProgram(program, env);
  if (found !== null) return found;
  const place = { cwd: root, env: { ...env, DEBIAN_FRONTEND: "noninteractive" } };
  await updatePackageLists(place);
  const command = asRoot(["apt-get", "install", "-y", "--no-install-recommends", program]);
  await runStep(`Installing ${program}`, command, place);
  return (await findProgram(program, env)) ?? missing(program, variable);
}

/**
 * The package would start a server, so only its files are taken.
 * @param {string} root
 * @param {NodeJS.ProcessEnv} env
 */
async function providePromtool(root, env) {
  const found = await findProgram("promtool", env);
  if (found !== null) return found;
  const cache = path.join(root, "node_modules", ".cache", "prometheus");
  const promtool = path.join(cache, "usr", "bin", "promtool");
  if (await exists(promtool)) return promtool;
  await mkdir(path.dirname(cache), { recursive: true });
  const work = await mkdtemp(`${cache}-`);
  const place = { cwd: work, env };
  /** @type {Command} */
  const download = ["apt-get", "download", "prometheus"];
  try {
    await runStep("Fetching promtool", download, place);
  } catch {
    // A machine that has never asked for them has no lists of packages.
    await updatePackageLists({ cwd: root, env });
    await runStep("Fetching promtool", download, place);
  }
  const archive = (await readdir(work)).find((file) => file.endsWith(".deb"));
  if (archive === undefined) return missing("promtool", "MILLRACE_PROMTOOL");
  await runStep("Unpacking promtool", ["dpkg-deb", "-x", archive, "files"], place);
  await rename(path.join(work, "files"), cache);
  await rm(work, { recursive: true });
  return promtool;
}

/** @param {import("./run-process.mjs").Place} place */
async function updatePackageLists(place) {
  if ((await findProgram("apt-get", place.env)) === null) {
    missing("chromium, promtool and strace", "MILLRACE_CHROMIUM, MILLRACE_PROMTOOL and MILLRACE_STRACE");
  }
  await runStep("Updating the package lists", asRoot(["apt-get", "update"]), place);
}

/**
 * @param {Command} command
 * @returns {Command}
 */
function asRoot(command) {
  return process.getuid?.() === 0 ? command : ["sudo", "-n", ...command];
}

/**
 * @param {string} program
 * @param {NodeJS.ProcessEnv} env
 */
async function findProgram(program, env) {
  for (const folder of (env["PATH"] ?? "").split(path.delimiter)) {
    const candidate = path.join(folder, program);
    if (folder !== "" && (await exists(candidate))) return candidate;
  }
  return null;
}

/** @param {string} file */
function exists(file) {
  return access(file).then(
    () => true,
    () => false,
  );
}

/**
 * @param {string} what
 * @param {string} variables
 * @returns {never}
 */
function missing(what, variables) {
  throw new Error(`The tests need ${what}, and this machine has no apt-get: install it, and name it in ${variables}.`);
}
