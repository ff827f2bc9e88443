import { Option, InvalidArgumentError, type Command, type OptionValues } from "@commander-js/extra-typings";
import type { Context } from "../context.ts";
import { runUntilInterrupted, start, withEngine, type EngineProcess } from "../engine-process.ts";
import { EXIT_CODES, type ExitCode } from "../exit-codes.ts";
import type { LoadedWorkflows } from "../load-workflows.ts";
import { byOption } from "../option-values.ts";
import type { Program, SharedOptions } from "../program.ts";
import { createHost, type Host } from "../server/host.ts";

export interface ServeOptions extends SharedOptions {
  port: number;
  hostname: string;
  allowedHost: string[];
  publicUrl?: string | undefined;
  by: string;
}

const AFTER_HELP = `
It runs the workflows of the file as "millrace run" does, and serves the dashboard and the HTTP API. The address that it
prints lets one person in, once, within ten minutes. Programs send an access token: MILLRACE_TOKEN, which this process
takes as its own (at least 32 characters), or one of "millrace tokens create".

It is reached from this machine only, unless --hostname says otherwise. Then it needs to know by which names it is
reached (--allowed-host), and somebody must be able to say who they are (MILLRACE_TOKEN, or an access token).

The file may export "webhooks" beside its workflows: { <source>: { secret, workflow?, topics? } }.

Examples:
  millrace serve workflows.ts
  MILLRACE_TOKEN=… millrace serve workflows.ts --hostname 0.0.0.0 --allowed-host millrace.example.org`;

/** What is done beside serving. */
export interface ServeExtras {
  /** Reads the file of the workflows. */
  load?: (file: string) => Promise<LoadedWorkflows>;
  /** Called once the engine runs and is served; gives what is to be called when that ends. */
  onServing?: (running: EngineProcess, host: Host) => Promise<() => Promise<void>>;
}

export function addServe(program: Program, context: Context): void {
  const command = program
    .command("serve")
    .description("Run the workflows of a file, and serve the dashboard and the HTTP API, until Ctrl-C.")
    .argument("<file>", "a JavaScript or TypeScript module that exports workflows");
  withServeOptions(command, context)
    .addHelpText("after", AFTER_HELP)
    .action(async (file, _options, own) => {
      context.setExitCode(await serve(file, own.optsWithGlobals(), context));
    });
}

/** The options of whatever serves. */
export function withServeOptions<Arguments extends unknown[], Given extends OptionValues, Shared extends OptionValues>(
  command: Command<Arguments, Given, Shared>,
  { env }: Context,
) {
  return command
    .addOption(new Option("--port <number>", "the port; 0 for any that is free").argParser(parsePort).default(4400))
    .option("--hostname <name>", "the name or address to listen at", "127.0.0.1")
    .addOption(
      new Option("--allowed-host <name>", "a name that it is reached as; may be given more than once")
        .argParser((name, names: string[]) => [...names, parseHost(name)])
        .default([] as string[]),
    )
    .addOption(
      new Option("--public-url <url>", "the address that people use, behind a proxy with TLS").argParser(
        parsePublicUrl,
      ),
    )
    .addOption(byOption(env));
}

/** Runs and serves the workflows of a file until the user ends it. */
export function serve(
  file: string,
  options: ServeOptions,
  context: Context,
  { load, onServing }: ServeExtras = {},
): Promise<ExitCode> {
  const work = async (running: EngineProcess): Promise<ExitCode> => {
    const { engine, database, loaded, logger, host: log } = running;
    const { port, hostname, allowedHost, publicUrl, by } = options;
    const token = context.env["MILLRACE_TOKEN"];
    const host = createHost({
      engine,
      database,
      port,
      hostname,
      logger,
      allowedHosts: allowedHost,
      operatorName: by,
      clock: context.clock,
      ...(token !== undefined && { token }),
      ...(publicUrl !== undefined && { publicUrl }),
      ...(loaded.webhooks && { webhooks: loaded.webhooks }),
    });
    let end = () => Promise.resolve();
    try {
      const { url, loginUrl } = await host.start();
      await start(running, ". Ctrl-C ends it.");
      log.info({ url, loginUrl }, `The dashboard: ${loginUrl} (lets one person in, once, within ten minutes)`);
      if (onServing) end = await onServing(running, host);
      await runUntilInterrupted(running, async () => {
        await engine.refresh();
        await host.recheck();
      });
    } finally {
      await end();
      await host.stop();
      await engine.stop();
    }
    return EXIT_CODES.ok;
  };
  return withEngine(file, options, context, work, load);
}

function parsePort(text: string): number {
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port <= 65_535) return port;
  throw new InvalidArgumentError("It is a number from 0 to 65535.");
}

function parseHost(text: string): string {
  if (/^(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(:\d{1,5})?$/i.test(text)) return text;
  throw new InvalidArgumentError("It is a name, with or without a port, for example millrace.example.org.");
}

function parsePublicUrl(text: string): string {
  const url = URL.parse(text);
  if (url && /^https?:$/.test(url.protocol) && url.pathname === "/" && url.search === "" && url.hash === "")
    return url.origin;
  throw new InvalidArgumentError("It is an address without a path, for example https://millrace.example.org.");
}
