/** Keeps the keyboard's place in a list when the entry that it was in is settled and goes. */
import { useLayoutEffect, useRef } from "react";

/** To be given to the entry. The focus goes to the entry that follows, or the one before, or the page's content. */
export function useKeptFocus() {
  const entry = useRef<HTMLElement>(null);
  useLayoutEffect(() => {
    const element = entry.current;
    return () => {
      if (element === null || !element.contains(document.activeElement)) return;
      const neighbour =
        element.nextElementSibling ?? element.previousElementSibling ?? document.querySelector("#content");
      if (neighbour instanceof HTMLElement) neighbour.focus({ preventScroll: true });
    };
  }, []);
  return entry;
}
