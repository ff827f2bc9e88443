/** What the comparison knows of a contestant: how it is run, and what is said about it beside its figures. */
import { fileURLToPath } from "node:url";
import type { ServerKind } from "../servers.ts";

export interface Contestant {
  /** By which `--only` names it; unique. */
  name: string;
  peer: string;
  /** Npm packages whose versions are shown; none for ours. */
  packages: readonly string[];
  server?: ServerKind;
  /** Durability, settings, and which acknowledgement stops the clock. */
  settings: string;
  /** The file that its process runs, and what it is told beside its folder and its server's address. */
  program: string;
  options: Readonly<Record<string, unknown>>;
  /** Done once, before the first round; contestants with the same `key` share what it leaves in its folder. */
  preparation?: { key: string; options: Readonly<Record<string, unknown>> };
}

/** How much is measured. */
export interface Sizes {
  quick: boolean;
  /** Pending events of the long backlog, and runs of the long history. */
  backlog: number;
  history: number;
  idleWorkflows: number;
  idleJobs: number;
  idleSeconds: number;
}

/** A quick comparison does a tenth of the work, but never so little that only the start is measured. */
export function unitsOf({ quick }: Sizes, units: number): number {
  return quick ? Math.max(Math.ceil(units / 10), Math.min(units, 100)) : units;
}

export const programOfPeer = (file: string) => fileURLToPath(new URL(`../../../peers/src/${file}`, import.meta.url));
export const programOfOurs = fileURLToPath(new URL("../ours-process.ts", import.meta.url));
