/**
 * Lets the modules of a project be imported anew, which ES modules are not: each generation of them has addresses of its
 * own. What a project installs is not its own and stays as it is, and so do modules of CommonJS.
 *
 * A generation that is done with stays in memory until the process ends.
 */
import { existsSync, realpathSync } from "node:fs";
import * as nodeModule from "node:module";
import { dirname, join, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { MillraceError } from "@millrace/agent";

/** This Node can't import modules anew. */
class ReloadNotPossibleError extends MillraceError {
  constructor() {
    super(
      `millrace dev needs Node 22.15 or newer; this is ${process.version}. "millrace serve" runs on it, without taking up what you save.`,
    );
  }
}

export class ProjectModules {
  /** The folder of the project: the nearest one with a package.json, or that of the file. */
  readonly root: string;
  private readonly reloadable = new Set<string>();
  private readonly fixed = new Set<string>();
  private deregister: () => void;
  private generation = 1;

  /** @throws ReloadNotPossibleError */
  constructor(file: string) {
    // Its types say that it is always there.
    const hooks = nodeModule as { registerHooks?: typeof nodeModule.registerHooks };
    if (!hooks.registerHooks) throw new ReloadNotPossibleError();
    this.root = projectOf(file);
    const registered = hooks.registerHooks({
      resolve: (specifier, context, nextResolve) => {
        const resolved = nextResolve(specifier, context);
        const path = this.ownPath(resolved.url);
        if (path === null) return resolved;
        if (resolved.format?.startsWith("commonjs") || context.conditions.includes("require")) {
          this.fixed.add(path);
          return resolved;
        }
        this.reloadable.add(path);
        const url = new URL(resolved.url);
        url.searchParams.set("generation", String(this.generation));
        return { ...resolved, url: url.href };
      },
    });
    this.deregister = () => registered.deregister();
  }

  /** From now on all modules of the project are imported anew. */
  renew(): void {
    this.generation += 1;
  }

  /** How a file of the project is used: null where it is not. */
  use(path: string): "reloadable" | "fixed" | null {
    if (this.fixed.has(path)) return "fixed";
    return this.reloadable.has(path) ? "reloadable" : null;
  }

  /** The folders of the modules so far. */
  folders(): string[] {
    return [...new Set([...this.reloadable, ...this.fixed].map((path) => dirname(path)))];
  }

  /** Lets other imports alone again. */
  close(): void {
    this.deregister();
    this.deregister = () => undefined;
  }

  private ownPath(url: string): string | null {
    if (!url.startsWith("file:")) return null;
    const path = fileURLToPath(url);
    const isOwn = path.startsWith(this.root + sep) && !path.includes(`${sep}node_modules${sep}`);
    return isOwn ? path : null;
  }
}

/** Modules are known by their real paths. */
function projectOf(file: string): string {
  const path = resolve(file);
  // A file that is not there is told of by who loads it.
  const folder = dirname(existsSync(path) ? realpathSync(path) : path);
  for (let candidate = folder; ; candidate = dirname(candidate)) {
    if (existsSync(join(candidate, "package.json"))) return candidate;
    if (candidate === dirname(candidate)) return folder;
  }
}
