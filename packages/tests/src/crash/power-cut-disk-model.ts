/**
 * A disk whose power may be cut: what a recorded process has written, and what of it must still be there.
 *
 * The model promises no more than POSIX and SQLite's own assumptions do:
 * 1. What was written before a sync of the file began is there once the sync has ended. All else may be there or not, in
 *    any order, in pieces of a sector; where the file was to grow there may be anything.
 * 2. A name that was made, changed or taken away is so for good once its folder has been synced; a rename is one step.
 *    Syncing a file does not keep its name.
 * 3. A write leaves the bytes beside it alone (SQLite's "powersafe overwrite"), and a sector is old or new.
 */
import { basename, dirname, join, relative } from "node:path";
import { keptShare, ModelFile, type Change, type CutKind } from "./power-cut-model-file.ts";
import type { DiskCall, TraceStep } from "./power-cut-trace.ts";
import type { SeededRandom } from "./seeded-random.ts";

/** What is on a disk: the content of each file by its path relative to the root; null for a folder. */
export type DiskContent = Map<string, Buffer | null>;

type ModelNode = ModelFile | ModelFolder;
/** Names that change in one step. */
type NameChange = readonly (readonly [name: string, node: ModelNode | null])[];

class ModelFolder {
  readonly kind = "folder";
  readonly seen = new Map<string, ModelNode>();
  private readonly durable = new Map<string, ModelNode>();
  private pending: NameChange[] = [];

  change(change: NameChange): void {
    this.pending.push(change);
    applyNames(this.seen, change);
  }

  beginSync(): () => void {
    const covered = this.pending.length;
    return () => {
      for (const change of this.pending.splice(0, covered)) applyNames(this.durable, change);
    };
  }

  afterCut(kind: CutKind, random: SeededRandom): Map<string, ModelNode> {
    const names = new Map(this.durable);
    const share = keptShare(kind, random);
    for (const change of this.pending) if (random.chance(share)) applyNames(names, change);
    return names;
  }
}

function applyNames(names: Map<string, ModelNode>, change: NameChange): void {
  for (const [name, node] of change) {
    if (node) names.set(name, node);
    else names.delete(name);
  }
}

interface OpenFile {
  node: ModelNode;
  path: string;
  appends: boolean;
  position: number;
}

/** Follows a trace, step by step; the power can be cut after each. */
export class DiskModel {
  private readonly root: string;
  private readonly top = new ModelFolder();
  private readonly files = new Map<number, OpenFile>();
  private readonly endings = new Map<DiskCall, () => void>();

  private readonly ignoresSync: (path: string) => boolean;

  /**
   * @param root the folder that it is about, empty and there for good
   * @param ignoresSync the disk lies about these: a sync of theirs does nothing; paths are relative to the root
   */
  constructor(root: string, ignoresSync: (path: string) => boolean = () => false) {
    this.root = root;
    this.ignoresSync = ignoresSync;
  }

  follow({ is, call }: TraceStep): void {
    if (is === "begun") {
      const ending = this.begin(call);
      if (ending) this.endings.set(call, ending);
    } else {
      this.endings.get(call)?.();
      this.endings.delete(call);
    }
  }

  /** What running programs see. */
  get seen(): DiskContent {
    return this.collect(
      (folder) => folder.seen,
      (file) => file.seen.bytes,
    );
  }

  /** What is there after the power has been cut now. */
  afterCut(kind: CutKind, random: SeededRandom): DiskContent {
    return this.collect(
      (folder) => folder.afterCut(kind, random),
      (file) => file.afterCut(kind, random),
    );
  }

  /** Gives what is to be done when the call ends. */
  private begin(call: DiskCall): (() => void) | null {
    switch (call.name) {
      case "open":
        return () => this.open(call);
      case "close":
        this.files.delete(call.file);
        return null;
      case "seek":
        this.opened(call.file).position = call.result;
        return null;
      case "write":
        return this.write(call);
      case "resize":
        return this.change(this.fileOf(call.file), { is: "resize", size: call.size });
      case "allocate":
        return this.change(this.fileOf(call.file), { is: "grow", size: call.size });
      case "sync":
        return this.sync(this.opened(call.file));
      case "rename":
        return () => this.rename(call.from, call.to);
      case "unlink":
        return () => this.folderOf(call.path).change([[basename(call.path), null]]);
      case "mkdir":
        return () => this.folderOf(call.path).change([[basename(call.path), new ModelFolder()]]);
    }
  }

  private open({ path, flags, file }: Extract<DiskCall, { name: "open" }>): void {
    if (flags.includes("O_SYNC") || flags.includes("O_DSYNC")) throw new Error(`${path} is opened to sync by itself`);
    let node = this.find(path);
    if (!node) {
      node = new ModelFile();
      this.folderOf(path).change([[basename(path), node]]);
    }
    if (flags.includes("O_TRUNC") && node.kind === "file") this.change(node, { is: "resize", size: 0 })();
    this.files.set(file, { node, path, appends: flags.includes("O_APPEND"), position: 0 });
  }

  private write({ file, offset, data }: Extract<DiskCall, { name: "write" }>): () => void {
    const opened = this.opened(file);
    const node = this.fileOf(file);
    const start = opened.appends ? node.seen.bytes.length : (offset ?? opened.position);
    if (offset === null) opened.position = start + data.length;
    return this.change(node, { is: "write", offset: start, data });
  }

  private sync({ node, path }: OpenFile): (() => void) | null {
    return this.ignoresSync(relative(this.root, path)) ? null : node.beginSync();
  }

  private change(file: ModelFile, change: Change): () => void {
    const entry = file.begin(change);
    return () => {
      entry.ended = true;
    };
  }

  private rename(from: string, to: string): void {
    const node = this.find(from);
    const folder = this.folderOf(from);
    if (!node || folder !== this.folderOf(to)) throw new Error(`${from} is renamed to ${to}, in another folder`);
    folder.change([
      [basename(from), null],
      [basename(to), node],
    ]);
  }

  private opened(file: number): OpenFile {
    const opened = this.files.get(file);
    if (!opened) throw new Error(`file ${file} is used and was not opened`);
    return opened;
  }

  private fileOf(file: number | string): ModelFile {
    const node = typeof file === "number" ? this.opened(file).node : this.find(file);
    if (node?.kind !== "file") throw new Error(`${file} is not a file`);
    return node;
  }

  private folderOf(path: string): ModelFolder {
    const node = this.find(dirname(path));
    if (node?.kind !== "folder") throw new Error(`${path} is in no known folder`);
    return node;
  }

  private find(path: string): ModelNode | null {
    const inside = relative(this.root, path);
    let node: ModelNode | null = this.top;
    for (const name of inside === "" ? [] : inside.split("/"))
      node = node?.kind === "folder" ? (node.seen.get(name) ?? null) : null;
    return node;
  }

  private collect(names: (folder: ModelFolder) => Map<string, ModelNode>, bytes: (file: ModelFile) => Buffer) {
    const content: DiskContent = new Map();
    const visit = (folder: ModelFolder, at: string) => {
      for (const [name, node] of names(folder)) {
        const path = join(at, name);
        content.set(path, node.kind === "file" ? bytes(node) : null);
        if (node.kind === "folder") visit(node, path);
      }
    };
    visit(this.top, "");
    return content;
  }
}
