// `pnpm api:types`: writes the types that the dashboard knows the HTTP API by. Without `--write` it only compares, and
// fails when they have drifted.
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { CHANGE_OPERATIONS } from "../packages/cli/src/server/contract/changes.ts";
import { RESOURCE_OPERATIONS } from "../packages/cli/src/server/contract/operations.ts";
import { SESSION_OPERATIONS } from "../packages/cli/src/server/contract/session.ts";
import { createApiDocument } from "../packages/cli/src/server/openapi.ts";
import { apiTypesFile, apiTypesOf } from "../packages/ui/scripts/api-types.ts";

const file = path.resolve(import.meta.dirname, "..", apiTypesFile);
/** What the dashboard has to do with; the rest of the API is for other programs. */
const operations = [...SESSION_OPERATIONS, ...RESOURCE_OPERATIONS, ...CHANGE_OPERATIONS];
const types = await apiTypesOf(createApiDocument(operations, "0.0.0"));

if (process.argv.includes("--write")) {
  writeFileSync(file, types);
} else if (readFileSync(file, "utf8") !== types) {
  console.error(`${apiTypesFile} does not say what the API's schemas say; run \`pnpm api:types\``);
  process.exitCode = 1;
}
