/** Breaks this process's engine, which must not be loaded yet. */
import { registerHooks } from "node:module";
import { applyEdit, sourceOf, type Edit, type Variant } from "./variant.ts";

/** Gives a function that names the files which were to be edited and were never loaded. */
export function breakEngine({ edits }: Variant): () => string[] {
  const left = new Map<string, Edit[]>();
  for (const edit of edits) left.set(sourceOf(edit), [...(left.get(sourceOf(edit)) ?? []), edit]);
  registerHooks({
    load(url, context, nextLoad) {
      const loaded = nextLoad(url, context);
      const own = left.get(url);
      if (!own) return loaded;
      left.delete(url);
      const source = Buffer.from((loaded.source ?? "") as Uint8Array).toString("utf8");
      return { ...loaded, source: own.reduce(applyEdit, source) };
    },
  });
  return () => [...left.values()].flat().map(({ file }) => file);
}
