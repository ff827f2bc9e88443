// Which module may import which. Run by `pnpm lint`.

/** Layers of the engine, lowest first: a module imports its own layer and those below, never one above. */
const agentLayers = [
  ["errors", "job-errors", "clock", "policy", "redaction", "audit"],
  ["schedule"],
  ["workflow", "connectors"],
  ["execution"],
  ["stall"],
  ["handlers"],
  ["scheduling", "jobs", "inspection"],
  ["engine", "engine-options", "operations", "diagnosis", "find-by-ending", "workflow-details"],
];

const agent = "^packages/agent/src/";
const unitTest = "\\.test\\.ts$";

/** A layer's member is a file or a folder of that name. */
const membersOf = (layers) => `${agent}(${layers.flat().join("|")})(\\.ts$|/)`;

const layerRules = agentLayers.slice(0, -1).map((layer, index) => ({
  name: `agent-${layer.join("-")}-imports-no-higher-layer`,
  severity: "error",
  from: { path: membersOf([layer]), pathNot: unitTest },
  to: { path: membersOf(agentLayers.slice(index + 1)) },
}));

/** @type {import("dependency-cruiser").IConfiguration} */
export default {
  forbidden: [
    { name: "no-cycle", severity: "error", from: {}, to: { circular: true } },
    { name: "no-unresolvable-import", severity: "error", from: {}, to: { couldNotResolve: true } },
    {
      name: "db-imports-no-other-package",
      severity: "error",
      from: { path: "^packages/db/" },
      to: { path: "^(packages/(?!db/)|examples/|benchmarks/)" },
    },
    {
      name: "agent-imports-only-db",
      severity: "error",
      from: { path: "^packages/agent/" },
      to: { path: "^(packages/(?!agent/|db/)|examples/|benchmarks/)" },
    },
    {
      name: "ui-imports-no-other-package",
      comment: "The dashboard knows the HTTP API alone.",
      severity: "error",
      from: { path: "^packages/ui/" },
      to: { path: "^(packages/(?!ui/)|examples/|benchmarks/)" },
    },
    {
      name: "no-package-imports-cli",
      severity: "error",
      from: { path: "^packages/", pathNot: "^packages/(cli|tests)/" },
      to: { path: "^packages/cli/" },
    },
    {
      name: "nobody-imports-tests",
      severity: "error",
      from: { pathNot: "^packages/tests/" },
      to: { path: "^packages/tests/" },
    },
    {
      name: "another-package-only-by-its-name",
      comment: "A relative path reaches past a package's exports.",
      severity: "error",
      from: { path: "^(packages|examples)/([^/]+)/" },
      to: {
        path: "^(packages|examples)/",
        pathNot: [
          "^$1/$2/",
          "^packages/(db|agent|cli|ui)/src/index\\.ts$",
          "^packages/agent/src/testing/index\\.ts$",
          "^examples/invoice-mail/src/(expected-invoices|receiver)\\.ts$",
        ],
      },
    },
    ...layerRules,
    {
      name: "agent-module-has-a-layer",
      comment: "Name the new file or folder in agentLayers above.",
      severity: "error",
      from: { path: agent, pathNot: [membersOf(agentLayers), `${agent}index\\.ts$`, `${agent}testing/`, unitTest] },
      to: {},
    },
    {
      name: "testing-is-for-tests",
      severity: "error",
      from: {
        path: "^(packages|examples)/",
        pathNot: [`${agent}testing/`, unitTest, "^packages/tests/", "^packages/cli/src/testing/"],
      },
      to: { path: `${agent}testing/` },
    },
    {
      name: "stores-import-no-store",
      comment: "Stores are dumb; only the execution model composes them. stores.ts gathers them.",
      severity: "error",
      from: { path: "^packages/db/src/stores/[^/]+-store\\.ts$" },
      to: { path: "^packages/db/src/stores/[^/]+-store\\.ts$" },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    // The peers' packages are installed by those alone who compare with them.
    exclude: { path: ["(^|/)(dist|out)/", "^benchmarks/peers/"] },
    // Type-only imports count as well.
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.base.json" },
    // Packages of the workspace resolve to their sources.
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["millrace-source", "import", "node", "types", "default"],
    },
  },
};
