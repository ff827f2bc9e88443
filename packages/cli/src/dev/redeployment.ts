/**
 * Watches the modules of a project, and lets the running engine have what was saved.
 *
 * Invariants:
 * 1. What can't be loaded changes nothing: the version before it goes on.
 * 2. One version is taken up at a time; what is saved meanwhile comes after it.
 */
import { basename, extname, relative } from "node:path";
import { watch, type FSWatcher } from "chokidar";
import type { Context } from "../context.ts";
import { describeError } from "../describe-error.ts";
import type { EngineProcess } from "../engine-process.ts";
import { loadWorkflows, type LoadedWorkflows } from "../load-workflows.ts";
import { LiveJobHandlers } from "./live-job-handlers.ts";
import { ProjectModules } from "./project-modules.ts";

const CODE = new Set([".ts", ".mts", ".cts", ".js", ".mjs", ".cjs", ".json"]);
/** Editors save in several steps. */
const QUIET_MS = 100;

export class Redeployment {
  private readonly file: string;
  private readonly context: Context;
  private readonly modules: ProjectModules;
  private readonly handlers = new LiveJobHandlers();
  private names: readonly string[] = [];
  private watcher: FSWatcher | null = null;
  private cancelTimer: () => void = () => undefined;
  private working: Promise<void> = Promise.resolve();
  /** The last version could not be loaded: any file may be what it lacked. */
  private isBroken = false;

  /** @throws ReloadNotPossibleError */
  constructor(file: string, context: Context) {
    this.file = file;
    this.context = context;
    this.modules = new ProjectModules(file);
  }

  /** Loads the file for the first time. @throws WorkflowLoadError */
  async load(): Promise<LoadedWorkflows> {
    const loaded = await loadWorkflows(this.file);
    this.names = loaded.workflows.map(({ name }) => name);
    const { jobHandlers } = loaded;
    return { ...loaded, ...(jobHandlers && { jobHandlers: this.handlers.take(jobHandlers) }) };
  }

  /** Watches from now on; resolves once nothing that is saved goes unnoticed. */
  async watch(running: EngineProcess): Promise<void> {
    const watcher = watch(this.modules.folders(), {
      depth: 0,
      ignoreInitial: true,
      ignored: (path, stats) => (stats?.isFile() ?? false) && !CODE.has(extname(path)),
    });
    this.watcher = watcher;
    watcher.on("all", (_event, path) => this.onChange(path, running));
    watcher.on("error", (error) => running.host.warn({ err: error }, "What you save may go unnoticed"));
    await new Promise<void>((resolve) => watcher.once("ready", resolve));
  }

  /** Watches no more. */
  async close(): Promise<void> {
    this.cancelTimer();
    await this.watcher?.close();
    await this.working;
    this.modules.close();
  }

  private onChange(path: string, running: EngineProcess): void {
    const use = this.modules.use(path);
    if (use === "fixed") running.host.warn(`${this.short(path)} is CommonJS: it is taken up at the next start`);
    if (use !== "reloadable" && !(this.isBroken && CODE.has(extname(path)))) return;
    this.cancelTimer();
    this.cancelTimer = this.context.clock.setTimer(QUIET_MS, () => {
      this.working = this.working.then(() => this.takeUp(path, running));
    });
  }

  private async takeUp(path: string, running: EngineProcess): Promise<void> {
    const { host } = running;
    try {
      this.modules.renew();
      const loaded = await loadWorkflows(this.file);
      await this.deploy(loaded, running);
      this.isBroken = false;
      this.watcher?.add(this.modules.folders());
      host.info(`${this.short(path)} was saved: runs the new version`);
    } catch (error) {
      this.isBroken = true;
      host.error(`The version before goes on. ${describeError(error, { verbose: false })}`);
    }
  }

  private async deploy({ workflows, jobHandlers = [] }: LoadedWorkflows, { engine, host }: EngineProcess) {
    for (const definition of workflows) await engine.deploy(definition);
    for (const handler of this.handlers.take(jobHandlers)) await engine.registerJobHandler(handler);
    const names = workflows.map(({ name }) => name);
    const gone = this.names.filter((name) => !names.includes(name));
    if (gone.length > 0) {
      const list = gone.map((name) => `"${name}"`).join(", ");
      host.warn(`${basename(this.file)} has no workflow ${list} any more: it goes on until the next start`);
    }
    this.names = names;
  }

  private short(path: string): string {
    return relative(this.modules.root, path);
  }
}
