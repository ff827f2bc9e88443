import { existsSync, renameSync, rmSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { MillraceError } from "@millrace/agent";
import { isOwned, openDatabase, type BackupResult, type SqliteDatabase } from "@millrace/db";
import type { Context } from "../context.ts";
import { byteSize } from "../output/cells.ts";
import { printJson } from "../output/json.ts";
import { printable } from "../output/printable.ts";
import { ProgressBar } from "../output/progress-bar.ts";
import type { Program, SharedOptions } from "../program.ts";

/** The file of a backup may not be written over. */
class BackupRefusedError extends MillraceError {}

interface Options extends SharedOptions {
  force?: true | undefined;
}

const AFTER_HELP = `
The copy is of the moment at which it began, and is read again from end to end before it gets its name.

To go back to it: stop the engine, copy it over the database, and delete the files beside the database that end in -wal and
-shm. They belong to the old one; left there, they would damage the copy. What happened outside after the backup is not in
it, and may be done again.

Examples:
  millrace backup /backup/millrace-2026-03-01.sqlite
  millrace backup latest.sqlite --force`;

export function addBackup(program: Program, context: Context): void {
  program
    .command("backup")
    .description("Copy the database into a file while all goes on, and check the copy.")
    .argument("<file>", "where to; it must not be there yet")
    .option("--force", "replace the file if it is there, once the new copy was checked")
    .addHelpText("after", AFTER_HELP)
    .action(async (file, _options, command) => {
      const options: Options = command.optsWithGlobals();
      const database = await openDatabase(options.database, { create: false });
      try {
        const result = await backUp(database, resolve(file), options, context);
        if (options.json) printJson(context.stdout, { database: database.location, ...result, verified: true });
        else {
          const to = `${printable(result.path)} (${byteSize(result.bytes)})`;
          context.stdout.write(`${database.location} was copied to ${to}, and the copy is whole.\n`);
        }
      } finally {
        await database.close();
      }
    });
}

async function backUp(
  database: SqliteDatabase,
  target: string,
  { force, json }: Options,
  context: Context,
): Promise<BackupResult> {
  const bar = new ProgressBar(context, { json });
  const copyTo = (path: string) =>
    database.backup(path, ({ totalPages, remainingPages }) => bar.show(totalPages - remainingPages, totalPages));
  try {
    if (force) return await replace(database, target, copyTo);
    if (existsSync(target))
      throw new BackupRefusedError(
        `${target} is there already. Choose another name, or add --force to replace it once the new copy is whole.`,
      );
    return await copyTo(target);
  } finally {
    bar.end();
  }
}

/** The old file stays until the new one is complete. */
async function replace(
  database: SqliteDatabase,
  target: string,
  copyTo: (path: string) => Promise<BackupResult>,
): Promise<BackupResult> {
  const isItself = database.path !== null && sameFile(database.path, target);
  if (isItself || isOwned(target))
    throw new BackupRefusedError(
      `${target} is ${isItself ? "the database itself" : "run by an engine"}; it is not replaced.`,
    );
  const fresh = `${target}.new`;
  rmSync(fresh, { force: true });
  const { bytes } = await copyTo(fresh);
  renameSync(fresh, target);
  return { path: target, bytes };
}

/** Also under another name. */
function sameFile(one: string, other: string): boolean {
  const [first, second] = [one, other].map((path) => statSync(path, { throwIfNoEntry: false }));
  return first !== undefined && second !== undefined && first.dev === second.dev && first.ino === second.ino;
}
