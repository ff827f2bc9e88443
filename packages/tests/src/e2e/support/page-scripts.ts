/// <reference lib="dom" />
/** What is asked inside of the page: these functions are sent to the browser, and know nothing from here. */

declare global {
  interface Window {
    /** Set by hostile text that has run. */
    attacked?: number;
    /** The sum of what has moved by itself. */
    layoutShift?: number;
  }
}

/** Whether nothing in view is being fetched for the first time any more; what is out of view may wait until it is. */
export const nothingLoads = (): boolean =>
  [...document.querySelectorAll('[role="status"][aria-label="Loading"]')].every(
    (placeholder) => placeholder.getBoundingClientRect().top >= window.innerHeight,
  );

/** Resolves when the page has been painted twice: what was asked for has begun. */
export const nextFrame = (): Promise<void> =>
  new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => resolve())));

/** Whether hostile text has run. */
export const hasBeenAttacked = (): boolean => window.attacked !== undefined;

/** Adds up what moves from now on without anybody having touched the page. */
export function startWatchingShifts(): void {
  window.layoutShift = 0;
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      // TypeScript's library doesn't know the entries of layout shifts.
      const { value, hadRecentInput } = entry as PerformanceEntry & { value: number; hadRecentInput: boolean };
      if (!hadRecentInput) window.layoutShift = (window.layoutShift ?? 0) + value;
    }
  }).observe({ type: "layout-shift" });
}

export const layoutShift = (): number => window.layoutShift ?? 0;

/** What has the focus, as a person hears it: its label or its text. */
export function focusedName(): string {
  const element = document.activeElement;
  if (element === null || element === document.body) return "";
  const label =
    element instanceof HTMLInputElement || element instanceof HTMLTextAreaElement ? element.labels?.[0] : null;
  return (element.getAttribute("aria-label") ?? label?.textContent ?? element.textContent).trim();
}

/** Whether what has the focus begins with these words. */
export const focusIsOn = (words: string): boolean => {
  const element = document.activeElement;
  return (element?.getAttribute("aria-label") ?? element?.textContent ?? "").trim().startsWith(words);
};

/** The height of the whole page, in pixels. */
export const pageHeight = (): number => document.documentElement.scrollHeight;

/** By how many pixels the page is wider than the window. */
export const overflow = (): number => document.documentElement.scrollWidth - document.documentElement.clientWidth;

/** How far down the page is scrolled, in pixels. */
export const scrolledTo = (): number => window.scrollY;

/** How much moves when the page turns dark. */
export function motionsOfTurningDark(): number {
  document.documentElement.setAttribute("data-mantine-color-scheme", "dark");
  return document.getAnimations().length;
}
