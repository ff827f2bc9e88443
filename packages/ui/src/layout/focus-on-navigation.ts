/**
 * After a step to another page the focus goes to its heading, so that a screen reader reads where it is and the next
 * Tab starts there. A page that was just opened keeps the browser's focus, and so does a change of filters.
 */
import { useMatch } from "@tanstack/react-router";
import { type RefObject, useEffect } from "react";

/** The path whose heading had its turn. */
let announcedPath: string | null = null;

export function useFocusOnNavigation(heading: RefObject<HTMLElement | null>): void {
  // The view's own path: while the next view is still being fetched, the address is already that one's.
  const path = useMatch({ strict: false, select: ({ pathname }) => pathname });
  useEffect(() => {
    if (announcedPath !== null && announcedPath !== path) heading.current?.focus({ preventScroll: true });
    announcedPath = path;
  }, [path, heading]);
}
