// Lint rules of this repository that no linter ships.

const noWallClock = {
  meta: {
    type: "problem",
    messages: { wallClock: "Read the time from the Clock, so that a test can set it." },
  },
  /** @param {{ report(finding: { node: object, messageId: string }): void }} context */
  create(context) {
    /** @param {{ callee: { type: string, name?: string }, arguments: unknown[] }} node */
    const report = (node) => {
      if (node.callee.type === "Identifier" && node.callee.name === "Date" && node.arguments.length === 0) {
        context.report({ node, messageId: "wallClock" });
      }
    };
    return { NewExpression: report, CallExpression: report };
  },
};

export default { meta: { name: "house" }, rules: { "no-wall-clock": noWallClock } };
