/** The browser that the tests of the dashboard use: Debian's Chromium, driven by playwright-core. */
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { chromium, type Browser } from "playwright-core";

/** Starts Chromium without a window. @throws Error where there is none, saying how to get it */
export function launchChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath: process.env["MILLRACE_CHROMIUM"] ?? findChromium(),
    args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
  });
}

function findChromium(): string {
  for (const folder of (process.env["PATH"] ?? "").split(delimiter)) {
    const file = join(folder, "chromium");
    if (isExecutable(file)) return file;
  }
  throw new Error(
    'There is no "chromium" in PATH. "npm test" provides it; otherwise install it, or say where it is in MILLRACE_CHROMIUM.',
  );
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    // It is somewhere else, or nowhere; the caller says so.
    return false;
  }
}
