import open from "open";
import type { Context } from "../context.ts";
import { Redeployment } from "../dev/redeployment.ts";
import type { EngineProcess } from "../engine-process.ts";
import type { ExitCode } from "../exit-codes.ts";
import type { Program } from "../program.ts";
import type { Host } from "../server/host.ts";
import { serve, withServeOptions, type ServeOptions } from "./serve.ts";

interface Options extends ServeOptions {
  open: boolean;
}

const AFTER_HELP = `
It does what "millrace serve" does, and watches the file and the modules of the project that it imports. What you save
runs at once: workflows become new versions, and job handlers are replaced. A mistake is shown, and the version before it
goes on. What else the file exports (connectors, policy, webhooks) is taken up at the next start, and so are packages.

The dashboard is opened in the browser where there is a terminal and CI is not set.

Examples:
  millrace dev workflows.ts
  millrace dev workflows.ts --no-open --port 0`;

export function addDev(program: Program, context: Context): void {
  const command = program
    .command("dev")
    .description("Serve the workflows of a file, run whatever you save, and open the dashboard, until Ctrl-C.")
    .argument("<file>", "a JavaScript or TypeScript module that exports workflows");
  withServeOptions(command, context)
    .option("--no-open", "don't open the dashboard in the browser")
    .addHelpText("after", AFTER_HELP)
    .action(async (file, _options, own) => {
      context.setExitCode(await dev(file, own.optsWithGlobals(), context));
    });
}

async function dev(file: string, options: Options, context: Context): Promise<ExitCode> {
  const redeployment = new Redeployment(file, context);
  try {
    return await serve(file, options, context, {
      load: () => redeployment.load(),
      async onServing(running, host) {
        await redeployment.watch(running);
        running.host.info("watches what you save");
        if (wantsBrowser(options, context)) await openDashboard(running, host);
        return () => redeployment.close();
      },
    });
  } finally {
    await redeployment.close();
  }
}

/** Nobody looks at the browser of a build server. */
function wantsBrowser({ open: wanted, json }: Options, { stdout, env }: Context): boolean {
  return wanted && !json && stdout.isTTY === true && !env["CI"];
}

/** With an address of its own: the one that was printed still lets somebody in. */
async function openDashboard({ host: log }: EngineProcess, host: Host): Promise<void> {
  const warn = (error: unknown) => log.warn({ err: error }, "The browser could not be opened");
  try {
    const browser = await open(host.newLoginUrl());
    browser.on("error", warn);
  } catch (error) {
    warn(error);
  }
}
