import { gzipSync } from "node:zlib";
import { build, type Rolldown } from "vite";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import path from "node:path";

const packageDirectory = path.resolve(import.meta.dirname, "..");
const mostBytes = 300_000;

let files: (Rolldown.OutputChunk | Rolldown.OutputAsset)[];

beforeAll(async () => {
  // As `pnpm build` does; vitest's own value would make it a build for developing.
  vi.stubEnv("NODE_ENV", "production");
  const configFile = path.join(packageDirectory, "vite.config.ts");
  const built = await build({ configFile, logLevel: "error", build: { write: false } });
  // One build, not one for each of several formats, and not watching.
  files = (built as Rolldown.RolldownOutput).output;
});

afterAll(() => {
  vi.unstubAllEnvs();
});

function chunks(): Rolldown.OutputChunk[] {
  return files.filter((file) => file.type === "chunk");
}

/** What the browser must have before a module runs: its chunk, and all that it imports statically. */
function withImports(chunk: Rolldown.OutputChunk, found = new Set<Rolldown.OutputChunk>()): Set<Rolldown.OutputChunk> {
  if (found.has(chunk)) return found;
  found.add(chunk);
  for (const name of chunk.imports)
    withImports(
      chunks().find(({ fileName }) => fileName === name)!,
      found,
    );
  return found;
}

/** The scripts of the first view: the entry and the overview. */
function firstView(): Rolldown.OutputChunk[] {
  const entry = chunks().find(({ isEntry }) => isEntry)!;
  const overview = chunks().find(({ facadeModuleId }) => facadeModuleId?.endsWith("/routes/overview.tsx"))!;
  return [...withImports(overview, withImports(entry))];
}

test("the first view needs less than 300 KB of compressed script", () => {
  const bytes = firstView().reduce((sum, { code }) => sum + gzipSync(code).length, 0);
  expect(bytes).toBeGreaterThan(50_000);
  expect(bytes).toBeLessThan(mostBytes);
});

test("the library of the charts is not a part of it", () => {
  const modules = firstView().flatMap(({ moduleIds }) => moduleIds);
  expect(modules.filter((id) => id.includes("/recharts/"))).toEqual([]);
});

test("the page has no inline script or style, and nothing comes from elsewhere", () => {
  const page = String((files.find(({ fileName }) => fileName === "index.html") as Rolldown.OutputAsset).source);
  expect(page).not.toMatch(/<script(?![^>]*\bsrc="\/)/);
  expect(page).not.toMatch(/<style|\sstyle="|\son\w+="/);
  expect(page).not.toMatch(/(?:src|href)="(?!\/)/);
});

test("no file tells where it was built", () => {
  const telling = files.filter((file) => {
    const text = file.type === "chunk" ? file.code : String(file.source);
    return text.includes(packageDirectory);
  });
  expect(telling.map(({ fileName }) => fileName)).toEqual([]);
});
