import type { Context } from "../context.ts";
import type { Program } from "../program.ts";
import { addStatusChange } from "./change-status.ts";

export function addPause(program: Program, context: Context): void {
  const description = "Let a workflow start no more runs. What comes in meanwhile waits.";
  addStatusChange(program, context, { verb: "pause", description, done: "is paused", status: "paused" });
}
