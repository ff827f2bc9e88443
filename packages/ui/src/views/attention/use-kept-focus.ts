/** Keeps the keyboard's place in a list when the entry that it was in, or whose dialog it was in, is settled and goes. */
import { useLayoutEffect, useRef } from "react";

/** To be given to the entry. The focus goes to the entry that follows, or the one before, or the page's content. */
export function useKeptFocus() {
  const entry = useRef<HTMLElement>(null);
  useLayoutEffect(() => {
    const element = entry.current;
    return () => {
      const neighbours = [
        element?.nextElementSibling,
        element?.previousElementSibling,
        document.querySelector("#content"),
      ];
      // The entry and its dialog are still there; only afterwards is it known whether the focus went with them.
      requestAnimationFrame(() => {
        if (element?.isConnected === true || document.activeElement !== document.body) return;
        const next = neighbours.find((one) => one instanceof HTMLElement && one.isConnected);
        if (next instanceof HTMLElement) next.focus({ preventScroll: true });
      });
    };
  }, []);
  return entry;
}
