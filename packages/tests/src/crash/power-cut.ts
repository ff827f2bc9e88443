/**
 * `pnpm crash --power-cut`: records what a real engine does to its disk, cuts the power after any of its steps in a model
 * of that disk, and starts an engine on each of the disks that may be left. The same seed cuts at the same steps of a
 * process that does the same; what an engine's ids and SQLite's own random numbers are differs from record to record.
 */
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { DiskModel, type DiskContent } from "./power-cut-disk-model.ts";
import { examine, type Findings } from "./power-cut-examination.ts";
import { CUT_KINDS, type CutKind } from "./power-cut-model-file.ts";
import { recordProcess, type Recording } from "./power-cut-recording.ts";
import type { Observation } from "./power-cut-world.ts";
import { SeededRandom } from "./seeded-random.ts";

const ORDERS = 6;
/** So many disks on which something is wrong are kept. */
const MOST_KEPT = 10;

/** A disk that a cut has left, and what is wrong with it. */
export interface Failure {
  /** After which step of the recording the power was cut. */
  step: number;
  kind: CutKind;
  content: DiskContent;
  observed: readonly Observation[];
  findings: Findings;
}

export interface PowerCutReport {
  cuts: number;
  disks: Record<CutKind, number>;
  /** How many of them were not the same as one before. */
  different: number;
  acknowledgements: number;
  effects: number;
  /** How often a person had to say whether something had happened. */
  asked: number;
  lost: string[];
  duplicated: string[];
  corrupt: string[];
}

export interface CutOptions {
  cuts: number;
  seed: number;
  /** Called after each cut, with how many there have been. */
  onCut?: (cut: number) => void;
  onFailure?: (failure: Failure) => void;
  /** A file whose syncs do nothing, by its path in the recorded folder. Default: the disk is honest. */
  ignoresSync?: (path: string) => boolean;
}

/** @param cuts after how many steps the power is cut; there are five disks for each. Gives whether it failed. */
export async function cutPower(options: { cuts: number; seed: number; keep: boolean }): Promise<boolean> {
  const { cuts, seed, keep } = options;
  const folder = mkdtempSync(join(tmpdir(), "millrace-power-cut-"));
  const recording = await recordProcess(
    { synchronous: "FULL", orders: ORDERS, nodeArguments: process.execArgv },
    folder,
  );
  let failures = 0;
  const report = await tryCuts(recording, {
    cuts,
    seed,
    onCut: (cut) => {
      if (cut % 100 === 0) say(`  ${cut} cuts`);
    },
    onFailure: (failure) => {
      failures += 1;
      if (failures <= MOST_KEPT) keepDisk(folder, failure);
    },
  });
  print(recording, report);
  const failed = failures > 0;
  if (keep || failed) say(`kept: ${folder}`);
  else rmSync(folder, { recursive: true });
  return failed;
}

/** Cuts the power after steps all over the recording, and examines what is left. */
export async function tryCuts(recording: Recording, options: CutOptions): Promise<PowerCutReport> {
  const { cuts, seed, onCut, onFailure, ignoresSync } = options;
  const report: PowerCutReport = {
    cuts: 0,
    disks: { lost: 0, kept: 0, subset: 0, torn: 0, garbage: 0 },
    different: 0,
    acknowledgements: 0,
    effects: 0,
    asked: 0,
    lost: [],
    duplicated: [],
    corrupt: [],
  };
  const model = new DiskModel(recording.root, ignoresSync);
  const observed: Observation[] = [];
  const tried = new Set<string>();
  const chosen = chooseSteps(recording.steps.length, cuts, seed);
  for (const [step, taken] of recording.steps.entries()) {
    if (taken.is === "observed") observed.push(taken.observed);
    else model.follow(taken);
    if (!chosen.has(step)) continue;
    for (const [index, kind] of CUT_KINDS.entries()) {
      const random = new SeededRandom(seed + step * CUT_KINDS.length + index);
      const content = model.afterCut(kind, random);
      report.disks[kind] += 1;
      const key = `${observed.length} ${fingerprint(content)}`;
      if (tried.has(key)) continue;
      tried.add(key);
      const findings = await examine({ content, observed, linesFileIdentity: recording.linesFileIdentity });
      count(report, observed, findings);
      if (isFailure(findings)) onFailure?.({ step, kind, content, observed: [...observed], findings });
    }
    report.cuts += 1;
    onCut?.(report.cuts);
  }
  return report;
}

/** Spread over the whole recording, each at random within its part. */
function chooseSteps(steps: number, cuts: number, seed: number): Set<number> {
  const random = new SeededRandom(seed);
  if (cuts >= steps) return new Set(Array.from({ length: steps }, (_, step) => step));
  return new Set(Array.from({ length: cuts }, (_, cut) => Math.floor(((cut + random.next()) * steps) / cuts)));
}

function count(report: PowerCutReport, observed: readonly Observation[], findings: Findings): void {
  const effects = observed.filter(({ is }) => is === "effect").length;
  report.different += 1;
  report.effects += effects;
  report.acknowledgements += observed.length - effects;
  report.asked += findings.asked;
  report.lost.push(...findings.lost);
  report.duplicated.push(...findings.duplicated);
  report.corrupt.push(...findings.corrupt);
}

function isFailure({ lost, duplicated, corrupt }: Findings): boolean {
  return lost.length + duplicated.length + corrupt.length > 0;
}

function fingerprint(content: DiskContent): string {
  const hash = createHash("sha256");
  for (const [path, bytes] of content) hash.update(`${path} ${bytes?.length ?? "folder"}\n`).update(bytes ?? "");
  return hash.digest("base64");
}

function keepDisk(folder: string, { step, kind, content, observed, findings }: Failure): void {
  const place = join(folder, `cut-${step}-${kind}`);
  for (const [path, bytes] of content) {
    const target = join(place, path);
    mkdirSync(bytes ? dirname(target) : target, { recursive: true });
    if (bytes) writeFileSync(target, bytes);
  }
  mkdirSync(place, { recursive: true });
  writeFileSync(join(place, "findings.json"), JSON.stringify({ findings, observed }, null, 2));
}

function print({ calls, syncs, observations }: Recording, report: PowerCutReport): void {
  const { cuts, disks, different, acknowledgements, effects, asked, lost, duplicated, corrupt } = report;
  const kinds = CUT_KINDS.map((kind) => `${kind} ${disks[kind]}`).join(", ");
  const all = Object.values(disks).reduce((sum, found) => sum + found, 0);
  const some = (found: readonly string[]) =>
    found.length === 0 ? "0" : `${found.length}  (${found.slice(0, 5).join("; ")})`;
  say(`\nrecorded calls               ${calls}, of which syncs: ${syncs}; observations: ${observations}`);
  say(`power cuts                   ${cuts}`);
  say(`disks                        ${all} (${kinds}), of which different: ${different}`);
  say(`acknowledgements checked     ${acknowledgements}`);
  say(`effects checked              ${effects}`);
  say(`asked of a person            ${asked}`);
  say(`lost                         ${some(lost)}`);
  say(`duplicated                   ${some(duplicated)}`);
  say(`corrupt                      ${some(corrupt)}`);
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
