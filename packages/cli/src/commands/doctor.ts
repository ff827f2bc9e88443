import { statfs } from "node:fs/promises";
import { dirname } from "node:path";
import { Operations } from "@millrace/agent";
import { CorruptDatabaseError, isOwned, NotADatabaseError, openDatabase, type SqliteDatabase } from "@millrace/db";
import type { Context } from "../context.ts";
import { checkAll, checkUnreadable, worstOf, type Check, type CheckStatus, type Facts } from "../doctor/checks.ts";
import { EXIT_CODES, type ExitCode } from "../exit-codes.ts";
import { printJson } from "../output/json.ts";
import { printable } from "../output/printable.ts";
import type { Program } from "../program.ts";

const EXIT_CODE_OF: Record<CheckStatus, ExitCode> = {
  ok: EXIT_CODES.ok,
  attention: EXIT_CODES.needsAttention,
  damaged: EXIT_CODES.failed,
};

const AFTER_HELP = `
It changes nothing. It reads the whole database, which takes a while for a large one; an engine may run meanwhile.
Exits with 3 when something needs attention, and with 1 when the database is damaged.

Examples:
  millrace doctor
  millrace doctor --json | jq '.checks[] | select(.status != "ok")'`;

export function addDoctor(program: Program, context: Context): void {
  program
    .command("doctor")
    .description("Look whether the database is whole and all goes on as it should; say what to do where it does not.")
    .addHelpText("after", AFTER_HELP)
    .action(async (_options, command) => {
      const { database: location, json } = command.optsWithGlobals();
      const { checks, engineRuns } = await look(location);
      const status = worstOf(checks);
      if (json) printJson(context.stdout, { status, database: location, engineRuns, checks });
      else context.stdout.write(describe(checks, context));
      context.setExitCode(EXIT_CODE_OF[status]);
    });
}

/** Gives null for whether an engine runs where the database can't be opened. */
async function look(location: string): Promise<{ checks: Check[]; engineRuns: boolean | null }> {
  try {
    const database = await openDatabase(location, { create: false });
    try {
      const facts = await examine(database);
      return { checks: checkAll(facts), engineRuns: facts.engineRuns };
    } finally {
      await database.close();
    }
  } catch (error) {
    if (!(error instanceof CorruptDatabaseError || error instanceof NotADatabaseError)) throw error;
    return { checks: checkUnreadable(process.version, error.message), engineRuns: null };
  }
}

async function examine(database: SqliteDatabase): Promise<Facts> {
  const engineRuns = isOwned(database.path);
  const damage = await database.check();
  return {
    nodeVersion: process.version,
    freeDiskBytes: await freeDisk(database.path),
    engineRuns,
    damage,
    statistics: await database.statistics(),
    diagnosis: await new Operations({ database }).diagnose(engineRuns),
  };
}

async function freeDisk(path: string | null): Promise<number | null> {
  if (path === null) return null;
  try {
    const { bavail, bsize } = await statfs(dirname(path));
    return bavail * bsize;
  } catch {
    return null;
  }
}

const MARKS: Record<CheckStatus, string> = { ok: "ok", attention: "look", damaged: "DAMAGED" };

function describe(checks: readonly Check[], { colors }: Context): string {
  const colorOf = { ok: colors.green, attention: colors.yellow, damaged: colors.red } as const;
  const lines = checks.map(({ name, status, message, advice }) => {
    const line = `${colorOf[status](MARKS[status].padEnd(7))}  ${name.padEnd(16)} ${sentence(printable(message))}\n`;
    return advice === null ? line : `${line}${" ".repeat(26)}${colors.cyan(advice)}\n`;
  });
  const open = checks.filter(({ status }) => status !== "ok").length;
  const end = open === 0 ? "All is well.\n" : `${open} of ${checks.length} checks need you.\n`;
  return `${lines.join("")}\n${end}`;
}

const sentence = (text: string) => (text.endsWith(".") ? text : `${text}.`);
