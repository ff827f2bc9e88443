/** The API's types, made from its OpenAPI document. */
import openapiTypescript, { astToString, type OpenAPI3, UNKNOWN } from "openapi-typescript";

const notice = `/**
 * The types of the HTTP API, generated from the schemas that the host parses with (\`pnpm api:types\`).
 * A test fails when they drift.
 */
`;

/** Where the types are, from the workspace's root. */
export const apiTypesFile = "packages/ui/src/services/api.generated.ts";

/** Any JSON value refers to itself, which TypeScript does not allow of a property; it is `unknown` until it is looked at. */
const anyJson = /\/schemas\/(Json|__schema\d+)$/;

/** TypeScript for an OpenAPI document. */
export async function apiTypesOf(document: object): Promise<string> {
  // The library checks the document itself.
  const nodes = await openapiTypescript(withoutProblems(document) as OpenAPI3, {
    alphabetize: false,
    exportType: false,
    rootTypes: false,
    silent: true,
    transform: (_schema, { path }) => (anyJson.test(path ?? "") ? UNKNOWN : undefined),
  });
  return notice + astToString(nodes);
}

/** Every operation may answer with a problem, which is the same everywhere: `api-problem.ts` reads it. */
function withoutProblems(document: object): object {
  // An OpenAPI document is JSON.
  return JSON.parse(JSON.stringify(document), (key, value: unknown) =>
    /^[45]\d\d$/.test(key) ? undefined : value,
  ) as object;
}
