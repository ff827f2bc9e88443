import { expect, test } from "vitest";
import { readArchitecture, withDiagram } from "./state-diagram.ts";

test("the state diagram in ARCHITECTURE.md is the one that the engine runs on", () => {
  const document = readArchitecture();
  expect(document, "run `pnpm diagram`").toBe(withDiagram(document));
});
