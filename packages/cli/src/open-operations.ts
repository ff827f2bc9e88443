/** Reads and decisions go straight to the database, whether an engine runs it or none does. */
import { Operations } from "@millrace/agent";
import { openDatabase } from "@millrace/db";
import type { Context } from "./context.ts";
import { ringDoorbell } from "./doorbell.ts";
import type { NameOf } from "./output/json.ts";

/** Opens the database, where there is one, for `work`. */
export async function consult<T>(location: string, work: (operations: Operations) => Promise<T>): Promise<T> {
  const database = await openDatabase(location, { create: false });
  try {
    return await work(new Operations({ database }));
  } finally {
    await database.close();
  }
}

/** As `consult`, for work that goes on: it is told which file to watch. */
export async function watchOver<T>(
  location: string,
  work: (operations: Operations, path: string | null) => Promise<T>,
): Promise<T> {
  const database = await openDatabase(location, { create: false });
  try {
    return await work(new Operations({ database }), database.path);
  } finally {
    await database.close();
  }
}

/** As `consult`, for work that changes something: a running engine is told of it. */
export async function decide<T>(
  location: string,
  { stderr }: Context,
  work: (operations: Operations) => Promise<T>,
): Promise<T> {
  const database = await openDatabase(location, { create: false });
  try {
    return await work(new Operations({ database }));
  } finally {
    await database.close();
    const failure = ringDoorbell(database.path);
    if (failure !== null) {
      stderr.write(
        `A running engine could not be told to look into the database; it does when it starts: ${failure}\n`,
      );
    }
  }
}

/** Knows the names of the workflows that are there now. */
export async function nameWorkflows(operations: Operations): Promise<NameOf> {
  const names = new Map((await operations.workflows()).map(({ id, name }) => [id, name]));
  return (id) => names.get(id) ?? id;
}
