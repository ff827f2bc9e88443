/** The project that `millrace init` writes: the files of `templates/project`, with a manifest of its own. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";

/** They stand beside both `src` and `dist`, in which this file is bundled. */
const PACKAGE = fileURLToPath(new URL("../", import.meta.url));
const TEMPLATE = join(PACKAGE, "templates", "project");

/** Under its own name it would not be in the package: npm reads it as what to leave out. */
const NAMES: Readonly<Record<string, string>> = { gitignore: ".gitignore" };

const manifestShape = z.looseObject({ dependencies: z.record(z.string(), z.string()) });

/** A file of the project, its path with slashes. */
export interface ProjectFile {
  path: string;
  content: string;
}

/** The files of a new project, by their paths. @param folder its folder's name, from which its own is made */
export function readProjectTemplate(folder: string): ProjectFile[] {
  return readdirSync(TEMPLATE, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => {
      const source = join(entry.parentPath, entry.name);
      const path = source.slice(TEMPLATE.length + 1).replaceAll("\\", "/");
      const content = readFileSync(source, "utf8");
      return { path: NAMES[path] ?? path, content: path === "package.json" ? manifest(content, folder) : content };
    })
    .toSorted((one, other) => (one.path < other.path ? -1 : 1));
}

/** The template's manifest has no versions: they are those that this very package was tested with. */
function manifest(template: string, folder: string): string {
  const { dependencies, ...rest } = manifestShape.parse(JSON.parse(template));
  const own = manifestShape
    .extend({ version: z.string() })
    .parse(JSON.parse(readFileSync(join(PACKAGE, "package.json"), "utf8")));
  const versions = Object.keys(dependencies).map((name) => {
    const version = own.dependencies[name];
    // In the workspace packages name each other by no version; once packed, by an exact one.
    return [name, version === undefined || version.startsWith("workspace:") ? `^${own.version}` : version];
  });
  const named = { ...rest, name: packageName(folder), dependencies: Object.fromEntries(versions) };
  return `${JSON.stringify(named, null, 2)}\n`;
}

/** What `npm init` writes where a project has no tests. */
const NO_TESTS = 'echo "Error: no test specified" && exit 1';

const anyManifest = z.looseObject({
  type: z.string().optional(),
  scripts: z.record(z.string(), z.string()).default({}),
  dependencies: z.record(z.string(), z.string()).default({}),
  devDependencies: z.record(z.string(), z.string()).default({}),
});

/**
 * A manifest with what a new project needs; what it says itself stays, but for the placeholders of `npm init`.
 * Null where the text is no manifest.
 */
export function completeManifest(present: string, template: string): string | null {
  const parsed = anyManifest.safeParse(parse(present));
  if (!parsed.success) return null;
  const own = parsed.data;
  const wanted = anyManifest.parse(JSON.parse(template));
  const { test, ...scripts } = own.scripts;
  const completed = {
    ...own,
    // Its files are ES modules.
    type: "module",
    scripts: { ...wanted.scripts, ...scripts, ...(test !== undefined && test !== NO_TESTS && { test }) },
    dependencies: { ...wanted.dependencies, ...own.dependencies },
    devDependencies: { ...wanted.devDependencies, ...own.devDependencies },
  };
  const isComplete = JSON.stringify(anyManifest.parse(completed)) === JSON.stringify(own);
  return isComplete ? present : `${JSON.stringify(completed, null, 2)}\n`;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The schema refuses it.
    return undefined;
  }
}

/** A name that npm takes. */
function packageName(folder: string): string {
  const name = folder
    .toLowerCase()
    .replaceAll(/[^a-z0-9-]+/g, "-")
    .replaceAll(/^-+|-+$/g, "")
    .slice(0, 200);
  return name === "" ? "millrace-project" : name;
}
