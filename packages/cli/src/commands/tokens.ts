import { InvalidArgumentError, Option } from "@commander-js/extra-typings";
import { parseDuration } from "@millrace/agent";
import { ACCESS_ROLES, createStores, openDatabase, type AccessToken } from "@millrace/db";
import type { Context } from "../context.ts";
import { ringDoorbell } from "../doorbell.ts";
import { byOption } from "../option-values.ts";
import { localTime, shortId } from "../output/cells.ts";
import { printJson } from "../output/json.ts";
import { printable } from "../output/printable.ts";
import { renderTable, type Column } from "../output/table.ts";
import type { Program } from "../program.ts";
import { TokenRegistry } from "../server/authentication/token-registry.ts";

type Row = Awaited<ReturnType<TokenRegistry["list"]>>[number];

const AFTER_HELP = `
Who shows an access token to a host ("Authorization: Bearer …") may do what its role allows:
  viewer     looks
  operator   looks and decides
  publisher  publishes events, and nothing else

Examples:
  millrace tokens create --name grafana --role viewer --expires 90d
  millrace tokens list
  millrace tokens revoke grafana`;

export function addTokens(program: Program, context: Context): void {
  const tokens = program
    .command("tokens")
    .description("Make, list and revoke access tokens, with which programs and people use a host.")
    .addHelpText("after", AFTER_HELP);
  tokens
    .command("create")
    .description("Make an access token and print it; it can't be seen again.")
    .requiredOption("--name <name>", "what it is for; what is done with it is recorded under this name", parseName)
    .addOption(new Option("--role <role>", "what it is good for").choices(ACCESS_ROLES).makeOptionMandatory())
    .option("--platform <name>", "the tenant whose data it is good for; made if there is none", parseName, "default")
    .option("--expires <duration>", "for how long it is good, for example 30d; for ever if it is left out", parseSpan)
    .addOption(byOption(context.env))
    .action(async ({ name, role, platform, expires, by }, command) => {
      const { database, json } = command.optsWithGlobals();
      const expiresAt = expires === undefined ? null : context.clock.now() + expires;
      const { accessToken, token } = await withRegistry(database, context, true, (registry) =>
        registry.create({ name, role, platform, expiresAt }, { name: by, channel: "command_line" }),
      );
      if (json) return printJson(context.stdout, { ...tokenJson({ accessToken, platform }), token });
      context.stderr.write("Keep it now: it can't be shown again.\n");
      context.stdout.write(`${token}\n`);
    });
  tokens
    .command("list")
    .description("List access tokens: what each is good for, and until when.")
    .action(async (_options, command) => {
      const { database, json } = command.optsWithGlobals();
      const rows = await withRegistry(database, context, false, (registry) => registry.list());
      if (json) printJson(context.stdout, rows.map(tokenJson));
      else
        context.stdout.write(renderTable(rows, columns(context), context.colors, "No access token has been made yet."));
    });
  tokens
    .command("revoke")
    .description("Make an access token good for nothing, at once and for ever.")
    .argument("<token>", "its name, or the end of its id")
    .addOption(byOption(context.env))
    .action(async (ending, { by }, command) => {
      const { database, json } = command.optsWithGlobals();
      const { id, name } = await withRegistry(database, context, false, (registry) =>
        registry.revoke(ending, { name: by, channel: "command_line" }),
      );
      if (json) printJson(context.stdout, { id, name, revoked: true });
      else context.stdout.write(`The access token ${printable(name)} is good for nothing any more.\n`);
    });
}

/** A host that runs is told, so that it ends what a token has opened. */
async function withRegistry<Result>(
  location: string,
  { clock, stderr }: Context,
  create: boolean,
  work: (registry: TokenRegistry) => Promise<Result>,
): Promise<Result> {
  const database = await openDatabase(location, { create });
  try {
    const onLostOutcome = () => stderr.write("It is done, but the audit could not be told so.\n");
    return await work(new TokenRegistry(createStores(database), clock, onLostOutcome));
  } finally {
    await database.close();
    ringDoorbell(database.path);
  }
}

const columns = ({ clock }: Context): readonly Column<Row>[] => [
  { title: "ID", value: ({ accessToken }) => shortId(accessToken.id) },
  { title: "NAME", value: ({ accessToken }) => accessToken.name },
  { title: "ROLE", value: ({ accessToken }) => accessToken.role },
  { title: "PLATFORM", value: ({ platform }) => platform },
  { title: "MADE", value: ({ accessToken }) => localTime(accessToken.createdAt) },
  { title: "BY", value: ({ accessToken }) => accessToken.createdBy },
  { title: "GOOD UNTIL", value: ({ accessToken }) => goodUntil(accessToken, clock.now()) },
];

function goodUntil({ revokedAt, expiresAt }: AccessToken, now: number): string {
  if (revokedAt !== null) return `revoked ${localTime(revokedAt)}`;
  if (expiresAt === null) return "for ever";
  return now < expiresAt ? localTime(expiresAt) : `expired ${localTime(expiresAt)}`;
}

const tokenJson = ({ accessToken: { digest: _digest, ...shown }, platform }: Row) => ({
  ...shown,
  platform,
  createdAt: iso(shown.createdAt),
  expiresAt: iso(shown.expiresAt),
  revokedAt: iso(shown.revokedAt),
});

const iso = (milliseconds: number | null) => (milliseconds === null ? null : new Date(milliseconds).toISOString());

function parseName(text: string): string {
  const name = text.trim();
  if (name.length > 0 && name.length <= 100) return name;
  throw new InvalidArgumentError("It has 1 to 100 characters.");
}

function parseSpan(text: string): number {
  const span = parseDuration(text);
  if (span !== null && span > 0) return span;
  throw new InvalidArgumentError("It is a duration, for example 12h, 30d or 1w.");
}
