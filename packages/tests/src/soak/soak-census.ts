/** Counts what a process holds: its heap, its open files, and every collection and listener that an object holds. */
import { getEventListeners } from "node:events";
import { readdirSync } from "node:fs";

/** The paths of maps, sets, lists and signals below an object, with how many elements or listeners they have. */
export type Census = Record<string, number>;

/** Nothing of interest lies deeper, and schemas and loggers are deep. */
const DEPTH = 9;
const MOST_OBJECTS = 50_000;

/**
 * Counts the elements of every collection that can be reached from an object, by its path; what is within the elements
 * of one collection is counted together. What only functions hold is not seen.
 */
export function census(root: object): Census {
  const found: Census = {};
  const seen = new Set<object>();
  let level: { path: string; value: object }[] = [{ path: "", value: root }];
  for (let depth = 0; depth < DEPTH && level.length > 0; depth += 1) {
    const next: { path: string; value: object }[] = [];
    for (const { path, value } of level) {
      if (seen.has(value) || seen.size >= MOST_OBJECTS || ArrayBuffer.isView(value)) continue;
      seen.add(value);
      for (const [name, part] of partsOf(value)) {
        if (typeof part === "object" && part !== null) next.push({ path: `${path}${name}`, value: part });
      }
      const size = sizeOf(value);
      if (size > 0) found[path] = (found[path] ?? 0) + size;
    }
    level = next;
  }
  return found;
}

function partsOf(value: object): [string, unknown][] {
  if (value instanceof Map) return [...value.values()].map((element) => ["/*", element]);
  if (value instanceof Set || Array.isArray(value)) return [...value].map((element: unknown) => ["/*", element]);
  // It keeps its signal to itself.
  if (value instanceof AbortController) return [["/signal", value.signal]];
  return Reflect.ownKeys(value).flatMap((key): [string, unknown][] => {
    // What is computed when it is asked for holds nothing.
    const property = Reflect.getOwnPropertyDescriptor(value, key);
    return property && "value" in property ? [[`/${String(key)}`, property.value]] : [];
  });
}

function sizeOf(value: object): number {
  if (value instanceof Map || value instanceof Set) return value.size;
  if (value instanceof AbortSignal) return getEventListeners(value, "abort").length;
  return Array.isArray(value) ? value.length : 0;
}

/** How many files and sockets this process has open; null where the system does not say. */
export function countDescriptors(): number | null {
  try {
    return readdirSync("/proc/self/fd").length;
  } catch {
    return null;
  }
}

/** What the heap holds that is needed, in bytes. @throws Error without `--expose-gc` */
export async function measureHeap(): Promise<number> {
  const collect = globalThis.gc;
  if (!collect) throw new Error("Run this with node --expose-gc.");
  // What ends with the first collection may set others free.
  for (let round = 0; round < 3; round += 1) {
    await collect({ execution: "async", type: "major" });
    await new Promise((resolve) => setImmediate(resolve));
  }
  return process.memoryUsage().heapUsed;
}
