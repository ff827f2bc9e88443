/**
 * Makes one file of a program and all that it imports, so that a life of it starts in a fraction of the time: reading two
 * hundred modules takes longer than all that a short life does.
 */
import { createRequire } from "node:module";
import { join } from "node:path";
import { build } from "tsup";

/** What has a native part stays where it is. */
const NATIVE = "better-sqlite3";

/**
 * @param program the program's file
 * @param folder gets the bundle
 * @param conditions under which packages are resolved besides the usual ones, for example `millrace-source`
 * @returns the bundle's file
 */
export async function bundleProgram(program: string, folder: string, conditions: readonly string[]): Promise<string> {
  const native = createRequire(import.meta.url).resolve(NATIVE);
  await build({
    entry: { life: program },
    outDir: folder,
    outExtension: () => ({ js: ".cjs" }),
    // Importing a module of node's own reads all that it exports, and so loads what nobody needs; requiring it does not.
    format: "cjs",
    platform: "node",
    target: "node22",
    config: false,
    silent: true,
    noExternal: [/./],
    esbuildPlugins: [
      {
        name: "native",
        setup(bundler) {
          bundler.onResolve({ filter: new RegExp(`^${NATIVE}$`) }, () => ({ path: native, external: true }));
        },
      },
    ],
    esbuildOptions(options) {
      options.conditions = ["node", "import", ...conditions];
    },
  });
  return join(folder, "life.cjs");
}

/** The conditions that this process itself was started with. */
export function ownConditions(): string[] {
  return process.execArgv.flatMap((argument) => /^--conditions=(.+)$/.exec(argument)?.[1] ?? []);
}
