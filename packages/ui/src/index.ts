/** Where the built dashboard is; a host serves these files. */
import path from "node:path";

/** The folder above this file's own: `dist` of the package or, from its sources, `src`. */
const packageDirectory = path.resolve(import.meta.dirname, "..");

/** The absolute path of the built files: `index.html` and, under `assets`, files named by their content. */
export const dashboardDirectory: string = path.join(packageDirectory, "dist", "dashboard");
