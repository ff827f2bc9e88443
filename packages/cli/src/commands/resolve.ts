import type { BulkResult, BulkSelector, MutationVerdict } from "@millrace/agent";
import type { JsonValue } from "@millrace/db";
import { Option } from "@commander-js/extra-typings";
import type { Context } from "../context.ts";
import { EXIT_CODES } from "../exit-codes.ts";
import { consult, decide, type Deed } from "../open-operations.ts";
import { byOption, evidenceOption, parseJson, parseTime, readVerdict } from "../option-values.ts";
import { shortId } from "../output/cells.ts";
import { iso, printJson } from "../output/json.ts";
import { printMutation } from "../output/print-mutation.ts";
import { printable } from "../output/printable.ts";
import type { Program, SharedOptions } from "../program.ts";
import { UsageError } from "../usage-error.ts";

const USAGE = `<mutation> <verdict> [options]
       millrace resolve --connector <name> --from <time> --before <time> <verdict> [options]`;

const AFTER_HELP = `
Verdicts:
  happened        it did; the workflow goes on (--result says what the call gave)
  did-not-happen  it did not; the workflow starts afresh with the same events
  skip            leave it open; the workflow goes on without it
  try-again       ask the connector once more

Examples:
  millrace resolve 8f2a9c01 happened --evidence "the row is in the sheet"
  millrace resolve --connector http --from 2026-03-01T09:00:00Z --before 2026-03-01T10:00:00Z did-not-happen --dry-run`;

interface Options extends SharedOptions {
  by: string;
  evidence?: string | undefined;
  result?: JsonValue | undefined;
  connector?: string | undefined;
  from?: number | undefined;
  before?: number | undefined;
  dryRun?: true | undefined;
}

export function addResolve(program: Program, context: Context): void {
  program
    .command("resolve")
    .description("Say what became of an action whose outcome is not known, or of many at once.")
    .usage(USAGE)
    .argument("<words...>", "the mutation (its id, or the end of it) and the verdict")
    .addOption(byOption(context.env))
    .addOption(evidenceOption())
    .addOption(new Option("--result <json>", "with happened: what the call gave").argParser(parseJson))
    .option("--connector <name>", "many at once: all uncertain ones of this connector")
    .addOption(new Option("--from <time>", "many at once: made at or after this time").argParser(parseTime))
    .addOption(new Option("--before <time>", "many at once: made before this time").argParser(parseTime))
    .option("--dry-run", "many at once: only say which they are")
    .addHelpText("after", AFTER_HELP)
    .action(async (words, _options, command) => {
      const options: Options = command.optsWithGlobals();
      const { connector } = options;
      if (connector === undefined) await resolveOne(words, options, context);
      else await resolveMany(words, { ...options, connector }, context);
    });
}

async function resolveOne(words: readonly string[], options: Options, context: Context): Promise<void> {
  const [ending, verdictWord, ...rest] = words;
  if (ending === undefined || verdictWord === undefined || rest.length > 0)
    throw new UsageError("Name one mutation and one verdict: millrace resolve <mutation> <verdict>.");
  if (options.from !== undefined || options.before !== undefined || options.dryRun)
    throw new UsageError("--from, --before and --dry-run go with --connector.");
  const verdict = toVerdict(verdictWord, options);
  await decide(options, context, async (readings, perform) => {
    const { id } = await readings.findMutation(ending);
    const deed = { action: "output.resolve", subject: { type: "output", id }, details: detailsOf(verdict) };
    const mutation = await perform(deed, (operations) => operations.resolveMutation(id, verdict));
    await printMutation(readings, mutation, options, context);
  });
}

async function resolveMany(
  words: readonly string[],
  options: Options & { connector: string },
  context: Context,
): Promise<void> {
  const [verdictWord, ...rest] = words;
  const { connector, from, before, dryRun = false, json } = options;
  if (verdictWord === undefined || rest.length > 0)
    throw new UsageError("With --connector, name the verdict only: millrace resolve --connector <name> … <verdict>.");
  if (from === undefined || before === undefined)
    throw new UsageError("--connector needs --from and --before: which of its actions are meant.");
  const selector: BulkSelector = { connector, from, before };
  const verdict = toVerdict(verdictWord, options);
  const result = dryRun
    ? await consult(options.database, (readings) => readings.resolveMutations(selector, verdict, { dryRun }))
    : await decide(options, context, (_readings, perform) =>
        perform(bulkDeed(selector, verdict), (operations) => operations.resolveMutations(selector, verdict)),
      );
  if (json) printJson(context.stdout, { dryRun, ...result });
  else context.stdout.write(describeBulk(result, dryRun));
  if (result.refused.length > 0) context.setExitCode(EXIT_CODES.failed);
}

function toVerdict(word: string, { by, evidence, result }: Options): MutationVerdict {
  const verdict = readVerdict(word);
  if (result !== undefined && verdict !== "happened") throw new UsageError("--result goes with the verdict happened.");
  return { verdict, by, evidence, result };
}

const detailsOf = ({ verdict, evidence, result }: MutationVerdict) => ({ resolution: verdict, evidence, result });

const bulkDeed = ({ connector, from, before }: BulkSelector, verdict: MutationVerdict): Deed => ({
  action: "output.resolve_all",
  subject: null,
  details: { connector, from: iso(from), until: iso(before), ...detailsOf(verdict) },
});

function describeBulk({ matched, resolved, refused }: BulkResult, dryRun: boolean): string {
  const lines = dryRun
    ? [`${matched.length} would be resolved:`, ...matched.map((id) => `  ${shortId(id)}`)]
    : [`${resolved.length} resolved, ${refused.length} refused.`];
  return [...lines, ...refused.map(({ id, reason }) => `  ${shortId(id)}: ${printable(reason)}`), ""].join("\n");
}
