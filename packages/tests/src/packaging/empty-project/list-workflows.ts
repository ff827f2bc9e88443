// Runs in an empty project that has only the packed packages: opens a new database and prints its workflows as JSON.
import { createStores, openDatabase } from "@millrace/db";

const database = await openDatabase("sqlite:millrace.sqlite");
process.stdout.write(JSON.stringify(await createStores(database).workflows.list()));
await database.close();
