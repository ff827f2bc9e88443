import { expect, test } from "vitest";
import { LogicError, PhaseViolationError } from "../errors.ts";
import { PhaseGate, type Action, type HandlerPhase } from "./phase-gate.ts";

/** The table of the design: what each phase may do. */
const ALLOWED: Record<HandlerPhase, readonly Action[]> = {
  producer: ["register_input", "publish", "read"],
  prepare: ["peek", "read"],
  mutate: ["mutation"],
  next: ["publish"],
};
const PHASES = ["producer", "prepare", "mutate", "next"] as const;
const ACTIONS = ["peek", "register_input", "publish", "read", "mutation"] as const;
const PAIRS = PHASES.flatMap((phase) =>
  ACTIONS.map((action) => ({ phase, action, allowed: ALLOWED[phase].includes(action) })),
);

test.each(PAIRS.filter(({ allowed }) => allowed))("$action is allowed in $phase", ({ phase, action }) => {
  const gate = new PhaseGate("handler", phase);
  gate.check(action, "call()");
  expect(gate.violation).toBeNull();
});

test.each(PAIRS.filter(({ allowed }) => !allowed))("$action is refused in $phase", ({ phase, action }) => {
  const gate = new PhaseGate("handler", phase);
  expect(() => gate.check(action, "call()")).toThrow(PhaseViolationError);
  expect(gate.violation?.message).toContain(`handler: call() is not allowed in ${phase}.`);
});

test("the first violation is the one that counts", () => {
  const gate = new PhaseGate("handler", "next");
  expect(() => gate.check("read", "world.look()")).toThrow("world.look()");
  expect(() => gate.refuse(new LogicError("second"))).toThrow("second");
  expect(gate.violation?.message).toContain("world.look()");
});

test("a closed gate refuses everything, and holds nothing against the run that is over", () => {
  const gate = new PhaseGate("handler", "next");
  gate.close();
  expect(() => gate.check("publish", 'publish("x")')).toThrow("was called after next had ended");
  expect(gate.violation).toBeNull();
});
