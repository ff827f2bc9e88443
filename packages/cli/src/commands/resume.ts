import type { Context } from "../context.ts";
import type { Program } from "../program.ts";
import { addStatusChange } from "./change-status.ts";

export function addResume(program: Program, context: Context): void {
  const description = "Let a paused workflow go on.";
  addStatusChange(program, context, { verb: "resume", description, done: "goes on", status: "active" });
}
